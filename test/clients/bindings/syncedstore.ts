import { syncedStore } from '@syncedstore/core'
import { WebsocketProvider } from 'y-websocket'
import { Doc, UndoManager } from 'yjs'
import type { OpenClient } from '../client.ts'
import { connect, namesWith } from './provider.ts'

interface Shape {
  text: string
}

export const open: OpenClient = (place) => {
  const doc = new Doc()
  const { awareness, connection } = connect(WebsocketProvider, doc, place)
  const store = syncedStore({ shapes: [] as Shape[] }, doc)
  const undoManager = new UndoManager(doc.getArray('shapes'))
  return {
    ...connection,
    write: (text) => void store.shapes.push({ text }),
    read: () => JSON.stringify(store.shapes),
    undo: () => void undoManager.undo(),
    point: () => awareness.setLocalStateField('cursor', { x: 1, y: 1 }),
    pointers: () => namesWith(awareness, 'cursor'),
    paste: (text) => void store.shapes.push({ text }),
  }
}
