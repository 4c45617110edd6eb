import type { Actor } from '../changes/actor.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { deleteAccount } from './delete-account.ts'
import type { AccountDeletion } from './schemas.ts'

/** What people do with their own account. */
export interface AccountService {
  /** Deletes the actor's account, see `deleteAccount`. */
  delete(actor: Actor): Promise<AccountDeletion>
}

/** Accounts as rows of Postgres. */
export function createAccountService({
  transact,
  quotas,
}: Pick<Infrastructure, 'transact' | 'quotas'>): AccountService {
  return {
    delete: (actor) =>
      transact(actor, (tx, record) => deleteAccount(tx, record, { userId: actor.userId, quotas })),
  }
}
