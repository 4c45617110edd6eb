import type { Board, User } from '@mindfuse/client'
import { useRole } from '@mindfuse/react'
import { signInUrl } from '../app/session.ts'
import { useMessages } from '../language/language.ts'
import { roleText } from '../sharing/roles.ts'
import { fullName } from '../ui/kinds.ts'

/** Who a guest is on a board and what they may do, and the way to sign in. */
export function GuestBar({ board, user }: { board: Board; user: User }) {
  const messages = useMessages()
  const role = useRole(board)
  return (
    <div className="guest-bar">
      <bdi>{fullName(user)}</bdi>
      <span className="hint">{role && roleText(role, messages)}</span>
      <a className="button quiet" href={signInUrl(location.pathname)}>
        {messages.text('action.signIn')}
      </a>
    </div>
  )
}
