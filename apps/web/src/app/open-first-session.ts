import { preloadBoard } from './preloaded-board.ts'
import { openSession, type Session } from './session.ts'

/** Opens the session and, where the address is one of a board, that board, while the rest of the app arrives. */
export const openFirstSession = (): Promise<Session> => openSession(preloadBoard)
