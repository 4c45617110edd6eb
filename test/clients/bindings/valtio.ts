import { proxy } from 'valtio/vanilla'
import { bind } from 'valtio-yjs'
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
  const shapes = proxy<Shape[]>([])
  const list = doc.getArray<Shape>('shapes')
  const origin = {}
  bind(shapes, list, { transactionOrigin: origin })
  const undoManager = new UndoManager(list, { trackedOrigins: new Set([origin]) })
  return {
    ...connection,
    write: (text) => void shapes.push({ text }),
    read: () => JSON.stringify(shapes),
    undo: () => void undoManager.undo(),
    point: () => awareness.setLocalStateField('cursor', { x: 1, y: 1 }),
    pointers: () => namesWith(awareness, 'cursor'),
    paste: (text) => void shapes.push({ text }),
  }
}
