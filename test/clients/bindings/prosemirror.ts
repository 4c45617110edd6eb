import { schema } from 'prosemirror-schema-basic'
import { EditorState, TextSelection } from 'prosemirror-state'
import { EditorView } from 'prosemirror-view'
import { undo, yCursorPlugin, ySyncPlugin, yUndoPlugin } from 'y-prosemirror'
import { WebsocketProvider } from 'y-websocket'
import { Doc } from 'yjs'
import type { OpenClient } from '../client.ts'
import { editorElement, textsOf } from './page.ts'
import { connect } from './provider.ts'

export const open: OpenClient = (place) => {
  const doc = new Doc()
  const { awareness, connection } = connect(WebsocketProvider, doc, place)
  const fragment = doc.getXmlFragment('prosemirror')
  const plugins = [ySyncPlugin(fragment), yCursorPlugin(awareness), yUndoPlugin()]
  const view = new EditorView(editorElement(), { state: EditorState.create({ schema, plugins }) })
  const end = () => view.state.doc.content.size - 1
  return {
    ...connection,
    write: (text) => view.dispatch(view.state.tr.insertText(text, end())),
    read: () => JSON.stringify(view.state.doc.toJSON()),
    undo: () => void undo(view.state),
    point() {
      view.focus()
      view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, 1, 2)))
    },
    pointers: () => textsOf('.ProseMirror-yjs-cursor'),
    paste(src) {
      const image = schema.nodes.image.create({ src })
      view.dispatch(view.state.tr.insert(end(), image))
    },
  }
}
