import type { AccessTokens } from '../auth/access-tokens.ts'
import { displayName } from '../users/presenter.ts'
import type { UserRow } from '../users/repository.ts'

/** Access for a program: a token and its end. */
export interface AccessGrant {
  accessToken: string
  expiresAt: Date
}

/** A fresh access token of a session. */
export function grantAccess(
  accessTokens: AccessTokens,
  user: Pick<UserRow, 'id' | 'kind' | 'name' | 'email' | 'avatar_url'>,
  sessionId: string,
): Promise<AccessGrant> {
  return accessTokens.sign({
    userId: user.id,
    kind: user.kind,
    sessionId,
    name: displayName(user),
    pictureUrl: user.avatar_url,
  })
}
