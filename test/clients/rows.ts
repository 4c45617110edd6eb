/** A row of the table: one client or editor. */
export interface Row {
  /** As people know it. */
  name: string
  /** What is installed of it, the one whose version counts first; names of `package.json`. */
  packages: readonly [string, ...string[]]
  /** The module in `bindings/`. */
  binding: string
  runsIn: 'Node' | 'Chromium'
  /** Whether it keeps the document over a reload. */
  isPersistent?: true
  /** Whether its page has the session cookie of its user. */
  hasSession?: true
}

export const ROWS: readonly Row[] = [
  { name: 'y-websocket 1', packages: ['y-websocket-1'], binding: 'y-websocket-1', runsIn: 'Node' },
  { name: 'y-websocket 2', packages: ['y-websocket-2'], binding: 'y-websocket-2', runsIn: 'Node' },
  { name: 'y-websocket 3', packages: ['y-websocket'], binding: 'y-websocket', runsIn: 'Node' },
  {
    name: '@y/websocket with Yjs 14',
    packages: ['@y/websocket', '@y/y'],
    binding: 'yjs-14',
    runsIn: 'Node',
  },
  { name: 'SyncedStore', packages: ['@syncedstore/core'], binding: 'syncedstore', runsIn: 'Node' },
  { name: 'valtio-yjs', packages: ['valtio-yjs', 'valtio'], binding: 'valtio', runsIn: 'Node' },
  { name: 'ywasm (Yrs)', packages: ['ywasm'], binding: 'ywasm', runsIn: 'Node' },
  {
    name: 'y-websocket 3, session cookie',
    packages: ['y-websocket'],
    binding: 'session-cookie',
    runsIn: 'Chromium',
    hasSession: true,
  },
  {
    name: 'CodeMirror 6',
    packages: ['y-codemirror.next', '@codemirror/view'],
    binding: 'codemirror',
    runsIn: 'Chromium',
  },
  {
    name: 'ProseMirror',
    packages: ['y-prosemirror', 'prosemirror-view'],
    binding: 'prosemirror',
    runsIn: 'Chromium',
  },
  { name: 'BlockNote', packages: ['@blocknote/core'], binding: 'blocknote', runsIn: 'Chromium' },
  { name: 'Quill', packages: ['y-quill', 'quill'], binding: 'quill', runsIn: 'Chromium' },
  { name: 'Lexical', packages: ['@lexical/yjs'], binding: 'lexical', runsIn: 'Chromium' },
  {
    name: 'Monaco',
    packages: ['y-monaco', 'monaco-editor'],
    binding: 'monaco',
    runsIn: 'Chromium',
  },
  {
    name: 'y-indexeddb',
    packages: ['y-indexeddb'],
    binding: 'indexeddb',
    runsIn: 'Chromium',
    isPersistent: true,
  },
  {
    name: 'Excalidraw',
    packages: ['y-excalidraw', '@excalidraw/excalidraw'],
    binding: 'excalidraw',
    runsIn: 'Chromium',
  },
  { name: 'tldraw', packages: ['tldraw'], binding: 'tldraw', runsIn: 'Chromium' },
]
