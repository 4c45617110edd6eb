import { WebsocketProvider } from 'y-websocket-1'
import type { OpenClient } from '../client.ts'
import { openPlain } from './plain.ts'
import { connect } from './provider.ts'

export const open: OpenClient = (place) =>
  openPlain((doc) => {
    const opened = connect(WebsocketProvider, doc, place)
    const { provider, connection } = opened
    // This version makes its URL once and reconnects for ever.
    const renew = (token: string) => {
      provider.url = `${place.realtimeUrl}/${place.boardId}?token=${token}`
      provider.connect()
    }
    return { ...opened, connection: { ...connection, renew } }
  })
