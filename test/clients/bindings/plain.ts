import { Doc, UndoManager } from 'yjs'
import type { Client } from '../client.ts'
import { type connect, namesWith } from './provider.ts'

/** A document without an editor: what a program does with a bare provider. */
export function openPlain(open: (doc: Doc) => ReturnType<typeof connect>): Client {
  const doc = new Doc()
  const { awareness, connection } = open(doc)
  const text = doc.getText('text')
  const pictures = doc.getMap<string>('pictures')
  const undoManager = new UndoManager([text, pictures])
  return {
    ...connection,
    write: (added) => text.insert(text.length, added),
    read: () => `${text} ${[...pictures.values()].join(' ')}`,
    undo: () => void undoManager.undo(),
    point: () => awareness.setLocalStateField('cursor', { anchor: 0, head: 0 }),
    pointers: () => namesWith(awareness, 'cursor'),
    paste: (dataUrl) => void pictures.set('picture', dataUrl),
  }
}
