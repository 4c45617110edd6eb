import * as monaco from 'monaco-editor/esm/vs/editor/editor.api.js'
import { MonacoBinding } from 'y-monaco'
import { WebsocketProvider } from 'y-websocket'
import { Doc, UndoManager } from 'yjs'
import type { OpenClient } from '../client.ts'
import { editorElement } from './page.ts'
import { connect } from './provider.ts'

export const open: OpenClient = (place) => {
  const doc = new Doc()
  const { awareness, connection } = connect(WebsocketProvider, doc, place)
  const text = doc.getText('monaco')
  const editor = monaco.editor.create(editorElement(), { value: '' })
  const model = editor.getModel()
  if (!model) throw new Error('the editor has no text')
  const binding = new MonacoBinding(text, model, new Set([editor]), awareness)
  const undoManager = new UndoManager(text, { trackedOrigins: new Set([binding]) })
  const append = (added: string) => {
    const range = model.getFullModelRange().collapseToEnd()
    editor.executeEdits('user', [{ range, text: added, forceMoveMarkers: true }])
  }
  return {
    ...connection,
    write: append,
    read: () => model.getValue(),
    undo: () => void undoManager.undo(),
    point() {
      editor.focus()
      editor.setSelection(new monaco.Range(1, 1, 1, 2))
    },
    // It draws cursors without names: each has a class with the client's id.
    pointers: () =>
      [...awareness.getStates()]
        .filter(([clientId]) => document.querySelector(`.yRemoteSelectionHead-${clientId}`))
        .map(([, { user }]) => user.name),
    paste: append,
  }
}
