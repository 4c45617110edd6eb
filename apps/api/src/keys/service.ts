import { randomUUID } from 'node:crypto'
import { hashSessionToken, newKeyValue } from '@mindfuse/service-kit'
import type { Actor } from '../changes/actor.ts'
import { ApiError, notFound, unauthenticated } from '../http/errors.ts'
import { cleanName } from '../http/names.ts'
import { listPage, NEWEST_FIRST, type Page, type PageQuery } from '../http/pagination.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { endKeys } from '../sessions/end-keys.ts'
import { requireLockedWorkspace, requireWorkspace } from '../workspaces/access.ts'
import { presentKey } from './present-key.ts'
import * as repository from './repository.ts'
import type { CreatedKey, CreateKey, Key } from './schemas.ts'

/** Most keys that a workspace has at a time. */
export const MAX_KEYS = 100

/** What owners and admins do with the keys of a workspace. */
export interface KeyService {
  /**
   * Creates a key and returns its value, only this once. The result stored for an `Idempotency-Key` has none,
   * so a repeated request gets null in its place.
   *
   * @throws ApiError 400 for one of some boards that mints tokens, 404 for boards of other workspaces, 409 beyond {@link MAX_KEYS}
   */
  create(actor: Actor, workspaceId: string, input: CreateKey): Promise<CreatedKey>
  /** A workspace's keys, newest first. */
  list(userId: string, workspaceId: string, page: PageQuery): Promise<Page<Key>>
  /** Ends a key, and what was minted with it. @throws ApiError 404 */
  revoke(actor: Actor, key: { workspaceId: string; keyId: string }): Promise<void>
}

/** Keys as rows of Postgres, of which only hashes are kept. */
export function createKeyService({
  db,
  transact,
}: Pick<Infrastructure, 'db' | 'transact'>): KeyService {
  return {
    async create(actor, workspaceId, input) {
      const { scopes, boardIds = null } = input
      if (boardIds && scopes.includes('tokens:create')) throw mintsForAll()
      const expiresAt = endOf(input.expiresAt)
      const id = randomUUID()
      const value = newKeyValue(id)
      let isFirst = false
      const key = await transact(actor, async (tx, record) => {
        await requireLockedWorkspace(tx, actor.userId, workspaceId, 'manageKeys')
        // Last, because everyone else locks people last.
        if (!(await repository.holdEnabled(tx, actor.userId))) {
          throw unauthenticated('The session has ended')
        }
        if ((await repository.countKeys(tx, workspaceId)) >= MAX_KEYS) {
          const detail = `A workspace has at most ${MAX_KEYS} keys: revoke one first`
          throw new ApiError(409, 'too_many_keys', detail)
        }
        if (boardIds) {
          const found = await repository.countBoards(tx, workspaceId, boardIds)
          if (found < boardIds.length) throw notFound('board')
        }
        const name = cleanName(input.name)
        await repository.insertKey(tx, {
          ...{ id, workspaceId, name, scopes, boardIds, expiresAt, createdBy: actor.userId },
          tokenHash: hashSessionToken(value),
        })
        await record({
          type: 'key.created',
          workspaceId,
          target: { type: 'key', id },
          changes: { name, scopes, boardIds, expiresAt },
        })
        const row = await repository.findKey(tx, id)
        if (!row) throw notFound('key')
        isFirst = true
        return presentKey(row)
      })
      return { ...key, key: isFirst ? value : null }
    },

    list(userId, workspaceId, query) {
      return listPage(query, {
        ...NEWEST_FIRST,
        async read(page) {
          await requireWorkspace(db, userId, workspaceId, 'manageKeys')
          return repository.listKeys(db, workspaceId, page)
        },
        present: presentKey,
      })
    },

    revoke(actor, { workspaceId, keyId }) {
      return transact(actor, async (tx, record) => {
        await requireLockedWorkspace(tx, actor.userId, workspaceId, 'manageKeys')
        const ended = await endKeys(tx, record, { workspaceId, keyId, reason: 'revoked' })
        if (ended === 0) throw notFound('key')
      })
    },
  }
}

/** An app user is the same whichever key mints for them, with all roles that they have. */
function mintsForAll(): ApiError {
  return new ApiError(400, 'validation_failed', 'A key that mints tokens is for all boards', {
    errors: [{ pointer: '/boardIds', message: 'does not go with tokens:create' }],
  })
}

/** @throws ApiError 400 for a time that is over, or that the format allows and no calendar has */
function endOf(text: string | undefined): Date | null {
  if (text === undefined) return null
  const time = new Date(text)
  // A comparison with what is no time is false.
  if (time.getTime() > Date.now()) return time
  throw new ApiError(400, 'validation_failed', 'The request does not fit the schema', {
    errors: [{ pointer: '/expiresAt', message: 'is no time in the future' }],
  })
}
