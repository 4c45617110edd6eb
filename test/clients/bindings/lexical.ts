import { registerRichText } from '@lexical/rich-text'
import {
  createBinding,
  createUndoManager,
  initLocalState,
  type Provider,
  syncCursorPositions,
  syncLexicalUpdateToYjs,
  syncYjsChangesToLexical,
} from '@lexical/yjs'
import {
  $createParagraphNode,
  $createTextNode,
  $getRoot,
  $isElementNode,
  $isTextNode,
  createEditor,
} from 'lexical'
import { WebsocketProvider } from 'y-websocket'
import { Doc, UndoManager } from 'yjs'
import type { OpenClient } from '../client.ts'
import { editorElement, textsOf } from './page.ts'
import { connect } from './provider.ts'

/** What its React plugin does, without React. */
export const open: OpenClient = (place) => {
  const doc = new Doc()
  const opened = connect(WebsocketProvider, doc, place)
  const provider = opened.provider as unknown as Provider
  const element = editorElement()
  element.contentEditable = 'true'
  const cursors = document.createElement('div')
  cursors.id = 'cursors'
  document.body.append(cursors)
  const editor = createEditor({
    onError(error) {
      throw error
    },
  })
  registerRichText(editor)
  editor.setRootElement(element)

  const binding = createBinding(editor, provider, 'main', doc, new Map([['main', doc]]))
  binding.cursorsContainer = cursors
  const root = binding.root.getSharedType()
  const undoManager = createUndoManager(binding, root)
  initLocalState(provider, place.userName, '#30bced', true, {})
  editor.registerUpdateListener((update) => {
    if (update.tags.has('skip-collab')) return
    syncLexicalUpdateToYjs(
      binding,
      provider,
      update.prevEditorState,
      update.editorState,
      update.dirtyElements,
      update.dirtyLeaves,
      update.normalizedNodes,
      update.tags,
    )
  })
  root.observeDeep((events, { origin }) => {
    if (origin === binding) return
    syncYjsChangesToLexical(binding, provider, events, origin instanceof UndoManager)
  })
  provider.awareness.on('update', () => syncCursorPositions(binding, provider))
  const append = (text: string) =>
    editor.update(
      () => {
        const last = $getRoot().getLastChild()
        const paragraph = $isElementNode(last) ? last : $createParagraphNode()
        if (paragraph !== last) $getRoot().append(paragraph)
        paragraph.append($createTextNode(text))
      },
      { discrete: true },
    )
  return {
    ...opened.connection,
    write: append,
    read: () => editor.getEditorState().read(() => $getRoot().getTextContent()),
    undo: () => void undoManager.undo(),
    point() {
      element.focus()
      editor.update(() => {
        const first = $getRoot().getFirstDescendant()
        if ($isTextNode(first)) first.select(0, 1)
      })
    },
    pointers: () => textsOf('#cursors span'),
    // The picture node is part of its playground only.
    paste: append,
  }
}
