import type { BoardRole } from '@mindfuse/protocol'
import { hashSessionToken } from '@mindfuse/service-kit'
import { recordMemberChange } from '../board-members/record-member-change.ts'
import { deleteMember, putMember } from '../board-members/repository.ts'
import { lockBoard } from '../boards/repository.ts'
import type { Actor } from '../changes/actor.ts'
import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'
import { ApiError, notFound, unauthenticated } from '../http/errors.ts'
import { cleanName } from '../http/names.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { endSessions } from '../sessions/end-sessions.ts'
import { newSessionToken } from '../sessions/session-tokens.ts'
import { aboveAppUsers, findAppUser, putAppUser } from '../users/app-users.ts'
import { displayName } from '../users/presenter.ts'
import { requireLockedWorkspace } from '../workspaces/access.ts'
import * as repository from './repository.ts'
import type { MintedToken, MintToken } from './schemas.ts'

/** Most app users who have a token of one key at a time: revoking it ends all of these at once. */
export const MAX_APP_USERS_PER_KEY = 10_000

/** The users of a product that embeds boards. */
export interface AppUserService {
  /**
   * An access token for an app user of the key's workspace, who is made or renamed with it, and put on boards.
   * @param actor a key
   * @throws ApiError 404 for a board of another workspace, 403 for a role above editor, 429 beyond {@link MAX_APP_USERS_PER_KEY}
   */
  mint(actor: Actor, input: MintToken): Promise<MintedToken>
  /** Ends what an app user has: sessions, connections, and roles on boards. @throws ApiError 404 */
  remove(actor: Actor, appUser: { workspaceId: string; externalId: string }): Promise<void>
}

/** App users as rows of Postgres. */
export function createAppUserService({
  transact,
  accessTokens,
}: Pick<Infrastructure, 'transact' | 'accessTokens'>): AppUserService {
  return {
    async mint(actor, { user: { externalId, ...profile }, boards = {}, expiresInSeconds = 3_600 }) {
      const name = cleanName(profile.name)
      const avatarUrl = profile.avatarUrl ?? null
      const keyId = actor.sessionId
      // Repeating it mints another: an answer that is kept would be a token that is kept.
      const minting = { ...actor, idempotency: undefined }
      const { user, sessionId, endsInSeconds } = await transact(minting, async (tx, record) => {
        const key = await repository.holdKey(tx, keyId)
        if (!key) throw unauthenticated('The key has ended')
        const { workspaceId, secondsLeft } = key
        const user = await putAppUser(tx, { workspaceId, externalId, name, avatarUrl })
        if (user.disabled_at) throw new ApiError(403, 'account_disabled', 'This user is disabled')
        const most = MAX_APP_USERS_PER_KEY
        if (!(await repository.hasRoomFor(tx, { keyId, userId: user.id, most }))) throw tooMany()
        await putOnBoards(tx, record, { actor, workspaceId, userId: user.id, boards })
        const endsInSeconds = Math.max(
          1,
          Math.min(expiresInSeconds, secondsLeft ?? expiresInSeconds),
        )
        const tokenHash = hashSessionToken(newSessionToken())
        const session = { keyId, userId: user.id, tokenHash, ttlSeconds: endsInSeconds }
        return { user, sessionId: await repository.extendSession(tx, session), endsInSeconds }
      })
      const { id, kind } = user
      const token = await accessTokens.sign({
        ...{ userId: id, kind, sessionId, endsInSeconds },
        ...{ name: displayName(user), pictureUrl: avatarUrl },
      })
      return {
        accessToken: token.accessToken,
        expiresAt: token.expiresAt.toISOString(),
        user: { id, kind, externalId, name: displayName(user), avatarUrl },
      }
    },

    remove(actor, { workspaceId, externalId }) {
      return transact(actor, async (tx, record) => {
        await requireLockedWorkspace(tx, actor.userId, workspaceId, 'manageMembers')
        const user = await findAppUser(tx, workspaceId, externalId)
        if (!user) throw notFound('app_user')
        const { id: userId } = user
        for (const board of await repository.lockBoardsOf(tx, workspaceId, userId)) {
          await deleteMember(tx, { boardId: board.id, userId })
          await recordMemberChange(tx, record, {
            ...{ type: 'board.member_removed', actor, board, userId },
            ...{ from: board.role, to: null },
          })
        }
        await endSessions(tx, record, { userId, reason: 'app_user_removed' })
      })
    },
  }
}

function tooMany(): ApiError {
  const detail = `A key has at most ${MAX_APP_USERS_PER_KEY} users within an hour: use another for more`
  return new ApiError(429, 'too_many_app_users', detail, { retryAfterSeconds: 600 })
}

/** Gives an app user roles on boards, and changes nothing where they have them. */
async function putOnBoards(
  tx: Database,
  record: RecordChange,
  change: {
    actor: Actor
    workspaceId: string
    userId: string
    boards: Record<string, BoardRole>
  },
): Promise<void> {
  const { actor, workspaceId, userId, boards } = change
  const boardIds = Object.keys(boards).sort()
  if (boardIds.length === 0) return
  const read = () => repository.readRoles(tx, { workspaceId, userId, boardIds })
  const roles = await read()
  if (roles.size < boardIds.length) throw notFound('board')
  if (Object.values(boards).includes('owner')) throw aboveAppUsers()
  const changed = boardIds.filter((id) => roles.get(id) !== boards[id])
  if (changed.length === 0) return
  for (const id of changed) await lockBoard(tx, id)
  const locked = await read()
  for (const id of changed) {
    const [from, to] = [locked.get(id), boards[id]]
    if (from === undefined || to === undefined) throw notFound('board')
    if (from === to) continue
    await putMember(tx, { boardId: id, userId, role: to, invitedBy: actor.userId })
    await recordMemberChange(tx, record, {
      type: from === null ? 'board.member_added' : 'board.member_updated',
      ...{ actor, board: { id, workspace_id: workspaceId }, userId, from, to },
    })
  }
}
