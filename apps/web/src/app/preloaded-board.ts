import type { BoardDetails, Client } from '@mindfuse/client'
import { boardOfPage } from './board-page-code.ts'

/** A board's name and the user's permissions, or why there are none. */
export type FoundBoard = BoardDetails | { error: unknown }

/** A board that is asked for. */
export interface PreloadedBoard {
  asked: Promise<FoundBoard>
  /** Once the API has answered. */
  found?: FoundBoard
}

/** The board that the page was opened with, once. */
let preloaded: (PreloadedBoard & { client: Client; boardId: string }) | undefined

/**
 * Asks for the board of the address and opens it, while it is not yet known who the user is, or whether they may: what
 * this device keeps of it, and what the server sends, is there before the page is.
 */
export function preloadBoard(client: Client): void {
  const boardId = boardOfPage()
  if (boardId === undefined) return
  const board = client.board(boardId)
  const preloading: typeof preloaded = { client, boardId, asked: findBoard(client, boardId) }
  preloading.asked.then((found) => {
    preloading.found = found
    if ('error' in found) void board.close()
  })
  preloaded = preloading
}

/** What was asked for with the page, once. */
export function takePreloaded(client: Client, boardId: string): PreloadedBoard | undefined {
  const taken = preloaded
  preloaded = undefined
  return taken?.client === client && taken.boardId === boardId ? taken : undefined
}

export const findBoard = (client: Client, boardId: string): Promise<FoundBoard> =>
  client.api.boards.get(boardId).catch((error: unknown) => ({ error }))
