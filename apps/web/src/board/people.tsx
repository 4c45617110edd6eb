import type { Board, User } from '@mindfuse/client'
import { type OtherConnection, useOthers } from '@mindfuse/react'
import { useMessages } from '../language/language.ts'
import { Avatar } from '../ui/avatar.tsx'
import { isolate, isolateIfNeeded } from '../ui/isolate.ts'
import { fullName } from '../ui/kinds.ts'
import { useIsNarrow } from '../ui/use-is-narrow.ts'
import { colorsOn } from './colors-on.ts'

/** Avatars shown at most, and on a phone; the rest is a count. */
const MAX_AVATARS = 5
const MAX_ON_PHONE = 2

/** The people on the board. Clicking an avatar follows that person's view. */
export function People({
  board,
  user,
  onFollow,
}: {
  board: Board
  user: User
  onFollow: (userId: string) => void
}) {
  const { text, number } = useMessages()
  const others = useOthers(board, usersOf).filter(({ id }) => id !== user.id)
  const colors = colorsOn(board, user)
  const max = useIsNarrow() ? MAX_ON_PHONE : MAX_AVATARS
  const rest = others.length + 1 - max
  return (
    <ul className="people" aria-label={text('board.people')}>
      {others.slice(0, max).map((person) => {
        const label = text('board.follow', { name: isolateIfNeeded(fullName(person)) })
        return (
          <li key={person.id}>
            <button
              type="button"
              title={label}
              aria-label={label}
              onClick={() => onFollow(person.id)}
            >
              <Avatar person={person} color={colors.get(person.id)} />
            </button>
          </li>
        )
      })}
      {others.length < max && (
        <li title={text('board.you', { name: isolate(fullName(user)) })}>
          <Avatar person={user} color={colors.get(user.id)} />
        </li>
      )}
      {rest > 0 && <li className="avatar rest">+{number(rest)}</li>}
    </ul>
  )
}

/** Once each, however many connections they have. */
const usersOf = (others: readonly OtherConnection[]) => [
  ...new Map(others.map(({ user }) => [user.id, user])).values(),
]
