import { EditorSelection, EditorState } from '@codemirror/state'
import { keymap } from '@codemirror/view'
import { basicSetup, EditorView } from 'codemirror'
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next'
import { WebsocketProvider } from 'y-websocket'
import { Doc, UndoManager } from 'yjs'
import type { OpenClient } from '../client.ts'
import { editorElement, textsOf } from './page.ts'
import { connect } from './provider.ts'

export const open: OpenClient = (place) => {
  const doc = new Doc()
  const { awareness, connection } = connect(WebsocketProvider, doc, place)
  const text = doc.getText('codemirror')
  const undoManager = new UndoManager(text)
  const view = new EditorView({
    parent: editorElement(),
    state: EditorState.create({
      doc: text.toString(),
      extensions: [
        keymap.of([...yUndoManagerKeymap]),
        basicSetup,
        yCollab(text, awareness, { undoManager }),
      ],
    }),
  })
  const append = (added: string) =>
    view.dispatch({ changes: { from: view.state.doc.length, insert: added } })
  return {
    ...connection,
    write: append,
    read: () => view.state.doc.toString(),
    undo: () => void undoManager.undo(),
    point() {
      view.focus()
      view.dispatch({ selection: EditorSelection.single(0, 1) })
    },
    pointers: () => textsOf('.cm-ySelectionInfo'),
    paste: append,
  }
}
