import type { Board, OwnPresence, PresentConnection, PresentUser } from '@mindfuse/client'
import { useCallback } from 'react'
import { useWatched, type Watch, watchAll } from './use-watched.ts'

/** A connection of somebody else, or another one of yours. */
export type OtherConnection = PresentConnection & Pick<PresentUser, 'user'>

const NOBODY: readonly OtherConnection[] = []
const NOTHING: OwnPresence = { cursor: null, selection: [], viewport: null }

const watchOthers: Watch<Board> = ({ presence }, onChange) =>
  watchAll(
    presence.on('join', onChange),
    presence.on('leave', onChange),
    presence.on('sync', onChange),
  )
const watchSelf: Watch<Board> = ({ presence }, onChange) => presence.on('self', onChange)

/**
 * All connections to the board but your own, with their users, cursors, selections and viewports. With `select`, what it returns
 * of them: the component renders again only if that is another value. Arrays and plain objects are compared by
 * their contents, unless you give `isEqual`.
 *
 * @example
 * ```tsx
 * function Names({ board }: { board: Board | undefined }) {
 *   const names = useOthers(board, (others) => others.map(({ user }) => user.name))
 *   return <p>{names.join(', ')}</p>
 * }
 * ```
 */
export function useOthers(board: Board | undefined): readonly OtherConnection[]
export function useOthers<Value>(
  board: Board | undefined,
  select: (others: readonly OtherConnection[]) => Value,
  isEqual?: (a: Value, b: Value) => boolean,
): Value
export function useOthers<Value>(
  board: Board | undefined,
  select?: (others: readonly OtherConnection[]) => Value,
  isEqual?: (a: unknown, b: unknown) => boolean,
): unknown {
  const read = (open: Board | undefined) => {
    const others = open?.presence.others ?? NOBODY
    return select ? select(others) : others
  }
  return useWatched<Board, unknown>(board, watchOthers, read, isEqual)
}

/**
 * Your own cursor, selection and viewport, and a function that changes them; what you leave out stays. The
 * function is the same at each render, and does nothing until the board is open.
 *
 * @example
 * ```tsx
 * function Surface({ board }: { board: Board | undefined }) {
 *   const [{ cursor }, update] = useSelf(board)
 *   return (
 *     <div onPointerMove={({ clientX: x, clientY: y }) => update({ cursor: { x, y } })}>{cursor?.x}</div>
 *   )
 * }
 * ```
 */
export function useSelf(
  board: Board | undefined,
): [self: OwnPresence, update: (change: Partial<OwnPresence>) => void] {
  const self = useWatched(board, watchSelf, (open) => open?.presence.self ?? NOTHING)
  const update = useCallback(
    ({ viewport, ...shown }: Partial<OwnPresence>) => {
      if (viewport) board?.presence.viewport(viewport)
      if (shown.cursor !== undefined || shown.selection) board?.presence.update(shown)
    },
    [board],
  )
  return [self, update]
}
