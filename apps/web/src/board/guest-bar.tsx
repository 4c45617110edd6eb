import type { Board, User } from '@mindfuse/client'
import { useRole } from '@mindfuse/react'
import { signInUrl } from '../app/session.ts'
import { ROLE_NAMES } from '../sharing/roles.ts'
import { fullName } from '../ui/kinds.ts'

/** Who a guest is on a board and what they may do, and the way to sign in. */
export function GuestBar({ board, user }: { board: Board; user: User }) {
  const role = useRole(board)
  return (
    <div className="guest-bar">
      <bdi>{fullName(user)}</bdi>
      <span className="hint">{role && ROLE_NAMES[role]}</span>
      <a className="button quiet" href={signInUrl(location.pathname)}>
        Sign in
      </a>
    </div>
  )
}
