import type { Actor } from '../changes/actor.ts'
import { ApiError, unauthenticated } from '../http/errors.ts'
import { cleanName } from '../http/names.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { presentOwnKey } from '../keys/present-key.ts'
import { findKey } from '../keys/repository.ts'
import { chooseName, findUser, renameGuest } from '../users/repository.ts'
import type { User } from '../users/schemas.ts'
import { deleteAccount } from './delete-account.ts'
import type { AccountDeletion, Me, UpdateMe } from './schemas.ts'

/** What people do with their own account. */
export interface AccountService {
  /** Who the caller is; a key learns what it is for. */
  get(user: User, sessionId: string): Promise<Me>
  /**
   * Gives the actor, a person or a guest, a name.
   * @throws ApiError 409 for a guest who wants to have none
   */
  update(actor: Actor, kind: User['kind'], input: UpdateMe): Promise<Me>
  /** Deletes the actor's account, see `deleteAccount`. */
  delete(actor: Actor): Promise<AccountDeletion>
}

/** Accounts as rows of Postgres. */
export function createAccountService({
  db,
  transact,
  quotas,
  presentUser,
}: Pick<Infrastructure, 'db' | 'transact' | 'quotas' | 'presentUser'>): AccountService {
  return {
    async get(user, sessionId) {
      if (user.kind !== 'key') return user
      const row = await findKey(db, sessionId)
      if (!row) throw unauthenticated('The key has ended')
      return { ...user, key: presentOwnKey(row) }
    },

    update(actor, kind, input) {
      const { userId } = actor
      const name = input.name === null ? null : cleanName(input.name)
      return transact(actor, async (tx, record) => {
        if (kind === 'person') await chooseName(tx, userId, name)
        else if (name !== null) await renameGuest(tx, userId, name)
        else throw new ApiError(409, 'name_required', 'Guests have no other name than their own')
        const row = await findUser(tx, userId)
        if (!row) throw unauthenticated('The account has been deleted')
        await record({
          type: 'user.updated',
          workspaceId: null,
          userId,
          target: { type: 'user', id: userId },
          // Not the name: the audit log outlives the account.
          changes: { hasChosenName: name !== null },
        })
        return presentUser(row)
      })
    },

    delete: (actor) =>
      transact(actor, (tx, record) => deleteAccount(tx, record, { userId: actor.userId, quotas })),
  }
}
