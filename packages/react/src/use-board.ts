import type { Board, Client } from '@mindfuse/client'
import { clientResources } from './client-resources.ts'
import { useClientOr } from './provider.ts'
import { useShared } from './use-shared.ts'

const boardOf = clientResources((client, boardId) => client.board(boardId))

/** How {@link useBoard} opens a board. */
export interface UseBoardOptions {
  /** In place of the provider's. */
  client?: Client | undefined
}

/**
 * Opens a board and connects it while a component uses it: one connection for all of them. It is closed a little
 * after the last one is unmounted.
 *
 * @returns `undefined` in the first render and on a server; the other hooks take that
 *
 * @example
 * ```tsx
 * function Whiteboard({ boardId }: { boardId: string }) {
 *   const board = useBoard(boardId)
 *   return <p>{useSaved(board) ? 'Saved' : 'Saving…'}</p>
 * }
 * ```
 */
export function useBoard(boardId: string, { client }: UseBoardOptions = {}): Board | undefined {
  const used = useClientOr(client)
  return useShared(used && boardOf(used, boardId))
}
