import { cleanName, isVisible } from '../http/names.ts'
import type { UserRow } from './repository.ts'
import type { User } from './schemas.ts'

/** The name to show: the provider's where it is visible, else the part of the email before the @. */
export function displayName({ name, email }: Pick<UserRow, 'name' | 'email'>): string {
  const shown = name !== null && isVisible(name) ? name : email.slice(0, email.lastIndexOf('@'))
  return cleanName(shown)
}

/** A person as the API shows them to themselves. */
export function presentUser(user: UserRow): User {
  return {
    id: user.id,
    email: user.email,
    name: displayName(user),
    avatarUrl: user.avatar_url,
    createdAt: user.created_at.toISOString(),
  }
}
