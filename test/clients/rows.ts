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
  {
    name: 'CodeMirror 6',
    packages: ['y-codemirror.next', '@codemirror/view'],
    binding: 'codemirror',
    runsIn: 'Chromium',
  },
]
