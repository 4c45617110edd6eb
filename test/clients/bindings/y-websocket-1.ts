import { WebsocketProvider } from 'y-websocket-1'
import type { OpenClient } from '../client.ts'
import { openPlain } from './plain.ts'
import { connect } from './provider.ts'

export const open: OpenClient = (place) =>
  openPlain((doc) => {
    // This version offers no subprotocol, makes its URL once and reconnects for ever.
    const opened = connect(WebsocketProvider, doc, place, { params: { token: place.token } })
    const { provider, connection } = opened
    const renew = (token: string) => {
      provider.url = `${place.realtimeUrl}/${place.boardId}?token=${token}`
    }
    return { ...opened, connection: { ...connection, renew } }
  })
