import type { Board, ConnectionState } from '@mindfuse/client'
import { useWatched, type Watch, watchAll } from './use-watched.ts'

const NOT_OPEN: ConnectionState = { kind: 'connecting', attempt: 1 }

const watchStatus: Watch<Board> = (board, onChange) => board.on('status', onChange)
const watchSaved: Watch<Board> = (board, onChange) => board.on('saved', onChange)
const watchRole: Watch<Board> = (board, onChange) => board.on('role', onChange)
const watchName: Watch<Board> = (board, onChange) => board.on('name', onChange)
const watchCanEdit: Watch<Board> = (board, onChange) =>
  watchAll(
    board.on('role', onChange),
    board.on('reset', onChange),
    board.on('saved', onChange),
    board.on('status', onChange),
  )

/**
 * The state of the board's connection.
 *
 * @example
 * ```tsx
 * function Connection({ board }: { board: Board | undefined }) {
 *   const status = useStatus(board)
 *   if (status.kind === 'denied') return <p>You cannot open this board: {status.reason}</p>
 *   return <p>{status.kind}</p>
 * }
 * ```
 */
export function useStatus(board: Board | undefined): ConnectionState {
  return useWatched(board, watchStatus, (open) => open?.status ?? NOT_OPEN)
}

/** Whether every local edit and every file is stored on the server. Never true too early. */
export function useSaved(board: Board | undefined): boolean {
  return useWatched(board, watchSaved, (open) => open?.saved ?? false)
}

/** What the board is called, as it is renamed; `undefined` until the board was online once. */
export function useBoardName(board: Board | undefined): string | undefined {
  return useWatched(board, watchName, (open) => open?.name)
}

/** Your role on the board; `undefined` until the board was online once. */
export function useRole(board: Board | undefined): Board['role'] {
  return useWatched(board, watchRole, (open) => open?.role)
}

/** Whether you can edit the board; `false` until it is open. */
export function useCanEdit(board: Board | undefined): boolean {
  return useWatched(board, watchCanEdit, (open) => open?.canEdit ?? false)
}
