import type { Board } from '@mindfuse/client'
import type { Doc } from 'yjs'
import { useWatched } from './use-watched.ts'

/**
 * What `select` returns of the board's document, at each change of it. The component renders again if that is another value:
 * arrays and plain objects are compared by their contents, unless you give `isEqual`.
 *
 * @returns `undefined` until the board is open
 *
 * @example
 * ```tsx
 * function ShapeCount({ board }: { board: Board | undefined }) {
 *   const count = useDocument(board, (doc) => doc.getMap('shapes').size)
 *   return <p>{count} shapes</p>
 * }
 * ```
 */
export function useDocument<Value>(
  board: Board | undefined,
  select: (doc: Doc) => Value,
  isEqual?: (a: Value | undefined, b: Value | undefined) => boolean,
): Value | undefined {
  return useWatched(board, watchDocument, (open) => open && select(open.doc), isEqual)
}

function watchDocument(board: Board, onChange: () => void): () => void {
  let watched = board.doc
  watched.on('update', onChange)
  const stopResets = board.on('reset', ({ doc }) => {
    watched.off('update', onChange)
    watched = doc
    watched.on('update', onChange)
    onChange()
  })
  return () => {
    stopResets()
    watched.off('update', onChange)
  }
}
