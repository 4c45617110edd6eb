import type { UserRow } from './repository.ts'
import type { User } from './schemas.ts'

/** The name to show: the provider's, else the part of the email before the @. */
export function displayName(user: Pick<UserRow, 'name' | 'email'>): string {
  return user.name || user.email.slice(0, user.email.lastIndexOf('@'))
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
