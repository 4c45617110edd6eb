import type { Actor } from '../changes/actor.ts'
import { unauthenticated } from '../http/errors.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { presentOwnKey } from '../keys/present-key.ts'
import { findKey } from '../keys/repository.ts'
import type { User } from '../users/schemas.ts'
import { deleteAccount } from './delete-account.ts'
import type { AccountDeletion, Me } from './schemas.ts'

/** What people do with their own account. */
export interface AccountService {
  /** Who the caller is; a key learns what it is for. */
  get(user: User, sessionId: string): Promise<Me>
  /** Deletes the actor's account, see `deleteAccount`. */
  delete(actor: Actor): Promise<AccountDeletion>
}

/** Accounts as rows of Postgres. */
export function createAccountService({
  db,
  transact,
  quotas,
}: Pick<Infrastructure, 'db' | 'transact' | 'quotas'>): AccountService {
  return {
    async get(user, sessionId) {
      if (user.kind !== 'key') return user
      const row = await findKey(db, sessionId)
      if (!row) throw unauthenticated('The key has ended')
      return { ...user, key: presentOwnKey(row) }
    },

    delete: (actor) =>
      transact(actor, (tx, record) => deleteAccount(tx, record, { userId: actor.userId, quotas })),
  }
}
