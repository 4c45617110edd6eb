import Quill from 'quill'
import QuillCursors from 'quill-cursors'
import { QuillBinding } from 'y-quill'
import { WebsocketProvider } from 'y-websocket'
import { Doc, UndoManager } from 'yjs'
import type { OpenClient } from '../client.ts'
import { editorElement, textsOf } from './page.ts'
import { connect } from './provider.ts'

export const open: OpenClient = (place) => {
  const doc = new Doc()
  const { awareness, connection } = connect(WebsocketProvider, doc, place)
  Quill.register('modules/cursors', QuillCursors)
  const quill = new Quill(editorElement(), { modules: { cursors: true } })
  const text = doc.getText('quill')
  const binding = new QuillBinding(text, quill, awareness)
  const undoManager = new UndoManager(text, { trackedOrigins: new Set([binding]) })
  // Before the line break that Quill keeps at the end.
  const end = () => quill.getLength() - 1
  return {
    ...connection,
    write: (added) => void quill.insertText(end(), added, 'user'),
    read: () => JSON.stringify(quill.getContents()),
    undo: () => void undoManager.undo(),
    point() {
      quill.focus()
      quill.setSelection(0, 1, 'user')
    },
    pointers: () => textsOf('.ql-cursor-name'),
    paste: (dataUrl) => void quill.insertEmbed(end(), 'image', dataUrl, 'user'),
  }
}
