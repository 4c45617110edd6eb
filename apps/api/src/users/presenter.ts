import { cleanName, isVisible } from '../http/names.ts'
import type { UserRow } from './repository.ts'
import type { User } from './schemas.ts'

/** What somebody without a name and an email is called. */
const NAMELESS = 'Guest'

/** The name to show: the provider's where it is visible, else the part of the email before the @. */
export function displayName({ name, email }: Pick<UserRow, 'name' | 'email'>): string {
  if (name !== null && isVisible(name)) return cleanName(name)
  return email === null ? NAMELESS : cleanName(email.slice(0, email.lastIndexOf('@')))
}

/** Who is named by a record that outlives their account; without one, `known_id` is null. */
export type PersonRow = { known_id: string | null } & Pick<UserRow, 'name' | 'email'>

/** Their name, null where the account is deleted. */
export function recordedName({ known_id, ...row }: PersonRow): string | null {
  return known_id === null ? null : displayName(row)
}

/** A person's identity at the provider, as `ADMINS` names it. */
export function identityOf(user: Pick<UserRow, 'oauth_provider' | 'oauth_id'>): string {
  return `${user.oauth_provider}:${user.oauth_id}`
}

/** A person as the API shows them to themselves. */
export type PresentUser = (user: UserRow) => User

/** @param admins the identities of administrators, see {@link identityOf} */
export function createPresentUser(admins: readonly string[]): PresentUser {
  const administrators = new Set(admins)
  return (user) => ({
    id: user.id,
    kind: user.kind,
    email: user.email,
    name: displayName(user),
    hasChosenName: user.chosen_name !== null,
    avatarUrl: user.avatar_url,
    createdAt: user.created_at.toISOString(),
    isAdmin: administrators.has(identityOf(user)) && user.disabled_at === null,
  })
}
