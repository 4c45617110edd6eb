import { BlockNoteEditor } from '@blocknote/core'
import { WebsocketProvider } from 'y-websocket'
import { Doc } from 'yjs'
import type { OpenClient } from '../client.ts'
import { editorElement, textsOf } from './page.ts'
import { connect } from './provider.ts'

export const open: OpenClient = (place) => {
  const doc = new Doc()
  const { provider, connection } = connect(WebsocketProvider, doc, place)
  const editor = BlockNoteEditor.create({
    collaboration: {
      provider,
      fragment: doc.getXmlFragment('blocknote'),
      user: { name: place.userName, color: '#30bced' },
      showCursorLabels: 'always',
    },
  })
  editor.mount(editorElement())
  const last = () => editor.document[editor.document.length - 1]!
  return {
    ...connection,
    write: (content) => void editor.insertBlocks([{ type: 'paragraph', content }], last(), 'after'),
    read: () => JSON.stringify(editor.document),
    undo: () => void editor.undo(),
    point() {
      editor.focus()
      editor.setTextCursorPosition(last(), 'start')
    },
    pointers: () => textsOf('.bn-collaboration-cursor__label'),
    paste: (url) => void editor.insertBlocks([{ type: 'image', props: { url } }], last(), 'after'),
  }
}
