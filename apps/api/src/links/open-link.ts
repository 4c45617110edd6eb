import { randomUUID } from 'node:crypto'
import type { BoardRole } from '@mindfuse/protocol'
import { networkOf } from '@mindfuse/service-kit'
import type { SessionCookie } from '../auth/session-cookie.ts'
import { grantsOf, roleOn } from '../boards/access.ts'
import { type LinkGrant, memberRole } from '../boards/policy.ts'
import { findBoard } from '../boards/repository.ts'
import { raiseAccessVersions } from '../changes/access-versions.ts'
import type { Actor, Client, Newcomer } from '../changes/actor.ts'
import type { Database } from '../db/database.ts'
import { ApiError } from '../http/errors.ts'
import { cleanName } from '../http/names.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { isReducedSince } from '../invites/access-reductions.ts'
import { hashInviteToken } from '../invites/invite-token.ts'
import { isAtLeast } from '../invites/policy.ts'
import { type AccessGrant, grantAccess } from '../sessions/grant-access.ts'
import { startSession } from '../sessions/start-session.ts'
import { insertGuest, renameGuest, type UserRow } from '../users/repository.ts'
import type { Guesses } from './guesses.ts'
import type { Passwords } from './passwords.ts'
import * as repository from './repository.ts'
import { usable } from './service.ts'

/** Who opens a link, and from where. */
export interface Visitor {
  client: Client
  /** By which wrong passwords are counted. */
  address: string
  /** A person or guest who is known already. */
  known: { user: UserRow; sessionId: string } | undefined
}

/** What a link gives who opens it. */
export interface Opened {
  user: UserRow
  access: AccessGrant
  boardId: string
  role: BoardRole
  /** Of somebody who is a guest since now. */
  session?: SessionCookie
}

/**
 * Gives who opens a link its role on the board: a person under their account, a guest, and anybody else as
 * a new guest. Who has access by it already, or as a member, is asked nothing.
 *
 * @throws ApiError 404 for no link of ours, 410 for one that has ended, 403 for a password that is missing
 * or wrong, for who was removed or given a lesser role since, and for guests where none are let in, 429
 * after too many wrong passwords, 503 where too many are processed
 */
export type OpenLink = (
  visitor: Visitor,
  token: string,
  input: { name?: string; password?: string },
) => Promise<Opened>

export function createOpenLink({
  db,
  transact,
  accessTokens,
  passwords,
  guesses,
}: Pick<Infrastructure, 'db' | 'transact' | 'accessTokens'> & {
  passwords: Passwords
  guesses: Guesses
}): OpenLink {
  const checkPassword = async (
    { id, password: kept }: repository.LinkRow,
    password: string | undefined,
    address: string,
  ): Promise<void> => {
    if (kept === null) return
    if (password === undefined) {
      throw new ApiError(403, 'password_required', 'This link asks for a password')
    }
    guesses.refuseSpent(id, address)
    await passwords.attempt(networkOf(address), async (matches) => {
      const guess = guesses.count(id, address)
      if (!(await matches(password, kept))) {
        throw new ApiError(403, 'password_wrong', 'This is not the password of the link')
      }
      guess.takeBack()
    })
  }

  const enter = (
    { client, known }: Visitor,
    tokenHash: string,
    name: string | undefined,
  ): Promise<Opened> =>
    // A link that was shared with many: all of them wait for the lock of its board.
    transact(actorOf({ client, known, crowd: tokenHash }), async (tx, record) => {
      const link = usable(await repository.findLinkOnLockedBoard(tx, tokenHash))
      const { board_id: boardId, workspaceId } = link
      const user = known ? await rename(tx, known.user, name) : await insertGuest(tx, name ?? null)
      const userId = user.id
      if (await isReducedSince(tx, { userId, workspaceId, boardId, since: link.created_at })) {
        const detail = 'Your access was reduced after this link was made: ask for a new one'
        throw new ApiError(403, 'invite_predates_removal', detail)
      }
      const { session, access } = known
        ? { access: await grantAccess(accessTokens, user, known.sessionId) }
        : await startSession(tx, { accessTokens, user, client })
      const asGuest = user.kind === 'guest'
      const isFirst = (await repository.findGrant(tx, { linkId: link.id, userId })) === undefined
      const grant = grantFor(user, link)
      await repository.grantByLink(tx, link, { userId, role: grant, asGuest, isFirst })
      const role = await roleBy(tx, boardId, userId)
      await record({
        type: 'link.opened',
        ...{ workspaceId, boardId, userId, actorId: userId },
        target: { type: 'link', id: link.id },
        changes: { role, asGuest },
        // Of who is new nobody remembers that they have no access.
        access: known ? await raiseAccessVersions(tx, { boardIds: [boardId] }) : [],
      })
      return { user, access, boardId, role, ...(session && { session }) }
    })

  return async (visitor, token, { name, password }) => {
    const { known, address } = visitor
    const tokenHash = hashInviteToken(token)
    const link = usable(await repository.findLinkByToken(db, tokenHash))
    const given = name === undefined ? undefined : cleanName(name)
    const standing = known ? await standingOf(db, link, known.user) : 'outside'
    const isRenaming = known?.user.kind === 'guest' && given !== undefined
    if (known && standing === 'inside' && !(isRenaming && given !== known.user.name)) {
      const role = await roleBy(db, link.board_id, known.user.id)
      await repository.touchLink(db, link.id)
      const access = await grantAccess(accessTokens, known.user, known.sessionId)
      return { user: known.user, access, boardId: link.board_id, role }
    }
    if (standing === 'outside') await checkPassword(link, password, address)
    return enter(visitor, tokenHash, given)
  }
}

function actorOf({
  client,
  known,
  crowd,
}: Pick<Visitor, 'client' | 'known'> & { crowd: string }): Actor | Newcomer {
  if (!known) return { ...client, turn: randomUUID(), crowd }
  const { user, sessionId } = known
  return { ...client, crowd, sessionId, userId: user.id, idempotency: undefined }
}

/** Whether somebody has what a link gives, or a part of it for want of a name. */
async function standingOf(
  db: Database,
  link: repository.FoundLink,
  user: UserRow,
): Promise<'inside' | 'partly' | 'outside'> {
  const board = await findBoard(db, { boardId: link.board_id, userId: user.id })
  const member = board ? memberRole(grantsOf(board)) : null
  if (member && isAtLeast(member, link.role)) return 'inside'
  const grant = await repository.findGrant(db, { linkId: link.id, userId: user.id })
  if (grant === undefined) return 'outside'
  return grant === grantFor(user, link) ? 'inside' : 'partly'
}

/** What a link gives somebody: nothing but to look, until a guest has a name. */
function grantFor({ kind, name }: UserRow, link: repository.LinkRow): LinkGrant {
  return kind === 'guest' && name === null ? 'nameless' : link.role
}

/** The role that somebody has on a board now. @throws ApiError 403 where the workspace keeps guests out */
async function roleBy(db: Database, boardId: string, userId: string): Promise<BoardRole> {
  const board = await findBoard(db, { boardId, userId })
  const role = board ? roleOn(board) : null
  if (role !== null) return role
  throw new ApiError(403, 'guests_not_allowed', 'This workspace lets no guests in: sign in')
}

async function rename(tx: Database, user: UserRow, name: string | undefined): Promise<UserRow> {
  if (user.kind !== 'guest' || name === undefined) return user
  await renameGuest(tx, user.id, name)
  return { ...user, name }
}
