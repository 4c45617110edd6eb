import { MindfuseError, type User } from '@mindfuse/client'
import type { PlainKey } from '../language/catalogue.ts'

/** Why the API does not show a board, as far as it and this browser know. */
export type ClosedBoard =
  /** Members are told that their board is in the trash. */
  | { kind: 'trashed'; name: string; trashedAt: string; canRestore: boolean }
  /** It was open in this browser. */
  | { kind: 'taken_away' }
  /** Nobody without access is told whether there is such a board. */
  | { kind: 'unknown' }

/** Whether the API does not show the board to its user, or there is none. */
export function isClosed(error: unknown): error is MindfuseError {
  return error instanceof MindfuseError && error.status === 404
}

/** Reads the reason from what {@link isClosed}. */
export function closedBoardOf({ code, details }: MindfuseError, wasOpen: boolean): ClosedBoard {
  if (code !== 'board_trashed') return { kind: wasOpen ? 'taken_away' : 'unknown' }
  return {
    kind: 'trashed',
    name: String(details.name),
    trashedAt: String(details.trashedAt),
    canRestore: details.canRestore === true,
  }
}

/** What a user reads who has no access to a board. */
export function textsOfClosed(
  kind: Exclude<ClosedBoard['kind'], 'trashed'>,
  user: Pick<User, 'kind'>,
): readonly [title: PlainKey, text: PlainKey] {
  const title = kind === 'taken_away' ? 'denied.access_removed' : 'page.boardGone'
  if (user.kind !== 'person') return [title, 'page.boardGone.guest']
  return [title, kind === 'taken_away' ? 'page.boardTakenAway.text' : 'page.boardGone.text']
}
