import type { Board, User } from '@mindfuse/client'
import { colorsOf } from '@mindfuse/excalidraw'

/** The colours of all who are on a board, by id. */
export const colorsOn = (board: Board, user: User): Map<string, string> =>
  colorsOf([user.id, ...board.presence.others.map((other) => other.user.id)])
