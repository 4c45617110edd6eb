import { WebsocketProvider } from '@y/websocket'
import { Doc, UndoManager } from '@y/y'
import type { OpenClient } from '../client.ts'
import { connect, namesWith } from './provider.ts'

/** Yjs 14 has one type in place of text, list and map. */
export const open: OpenClient = (place) => {
  const doc = new Doc()
  const { awareness, connection } = connect(WebsocketProvider, doc, place)
  const text = doc.get('text')
  const pictures = doc.get('pictures')
  const undoManager = new UndoManager([text, pictures])
  return {
    ...connection,
    write: (added) => text.insert(text.length, added),
    read: () => [text.toString(), ...pictures.attrValues()].join(' '),
    undo: () => void undoManager.undo(),
    point: () => awareness.setLocalStateField('cursor', { anchor: 0, head: 0 }),
    pointers: () => namesWith(awareness, 'cursor'),
    paste: (dataUrl) => void pictures.setAttr('picture', dataUrl),
  }
}
