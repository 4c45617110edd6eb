import { IndexeddbPersistence } from 'y-indexeddb'
import { WebsocketProvider } from 'y-websocket'
import type { OpenClient } from '../client.ts'
import { openPlain } from './plain.ts'
import { connect } from './provider.ts'

export const open: OpenClient = (place) =>
  openPlain((doc) => {
    const persistence = new IndexeddbPersistence(place.boardId, doc)
    const opened = connect(WebsocketProvider, doc, place)
    const { isSynced } = opened.connection
    const connection = { ...opened.connection, isSynced: () => persistence.synced && isSynced() }
    return { ...opened, connection }
  })
