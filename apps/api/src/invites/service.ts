import type { BoardRole } from '@mindfuse/protocol'
import { grantsOf, requireBoard, requireLockedBoard } from '../boards/access.ts'
import { canOnBoard, memberRole } from '../boards/policy.ts'
import { getBoard } from '../boards/present-board.ts'
import { findBoard } from '../boards/repository.ts'
import type { Board } from '../boards/schemas.ts'
import type { ThumbnailAddresses } from '../boards/thumbnail-addresses.ts'
import { raiseAccessVersions } from '../changes/access-versions.ts'
import type { Actor } from '../changes/actor.ts'
import type { Transact } from '../changes/transact.ts'
import type { Database } from '../db/database.ts'
import { ApiError, forbidden, notFound } from '../http/errors.ts'
import { listPage, NEWEST_FIRST, type Page, type PageQuery } from '../http/pagination.ts'
import { foldEmail } from '../users/email.ts'
import { displayName } from '../users/presenter.ts'
import { isReducedSince } from './access-reductions.ts'
import { emailHint } from './email-hint.ts'
import { hashInviteToken, newInviteToken } from './invite-token.ts'
import { canInviteAs, canRevokeInvite, isAtLeast } from './policy.ts'
import * as repository from './repository.ts'
import type { CreatedInvite, CreateInvite, Invite, InvitePreview, InviteState } from './schemas.ts'

/** Most invites to a board that are open at a time. */
export const MAX_OPEN_INVITES = 100

/** Why an invite that is not open cannot be accepted. */
const CLOSED: Record<Exclude<InviteState, 'open'>, string> = {
  expired: 'This invite has expired',
  revoked: 'This invite was revoked',
  exhausted: 'This invite has no uses left',
}

/** Links that give access to a board. */
export interface InviteService {
  /**
   * Creates an invite and returns its link, only this once. The result stored for an `Idempotency-Key`
   * has no link, so a repeated request gets null in its place.
   *
   * @throws ApiError 403 for a role beyond the actor's own, 409 beyond {@link MAX_OPEN_INVITES}
   */
  create(actor: Actor, boardId: string, input: CreateInvite): Promise<CreatedInvite>
  /** A board's invites, newest first. */
  list(userId: string, boardId: string, page: PageQuery): Promise<Page<Invite>>
  /** Revokes an invite; one that is revoked stays as it is. */
  revoke(actor: Actor, invite: { boardId: string; inviteId: string }): Promise<void>
  /** What a link leads to, for everyone who has it. @throws ApiError 404; 410 without the board */
  preview(token: string): Promise<InvitePreview>
  /**
   * Lets the actor onto the board with the invite's role. Who has that much already gets there
   * by any link that was ever good, and takes no seat.
   *
   * @throws ApiError 404 for no link of ours, 410 with the reason why it no longer works, 403 for
   * another email than the invite's, and for who was removed or given a lesser role since
   */
  accept(actor: Actor, token: string): Promise<Board>
}

/** @param deps.webOrigin where links lead to */
export function createInviteService(deps: {
  db: Database
  transact: Transact
  webOrigin: string
  addresses: ThumbnailAddresses
}): InviteService {
  const { db, transact, webOrigin, addresses } = deps

  const boardOf = async (tx: Database, { userId }: Actor, boardId: string): Promise<Board> =>
    (await getBoard(tx, addresses, { userId, boardId })).board

  return {
    async create(actor, boardId, input) {
      const { role, expiresInSeconds } = input
      const email = input.email === undefined ? null : foldEmail(input.email)
      const maxUses = seatsOf(input)
      const token = newInviteToken()
      let isFirst = false
      const invite = await transact(actor, async (tx, record) => {
        const board = await requireLockedBoard(tx, actor.userId, boardId, 'invite')
        if (!canInviteAs(board.role, role)) {
          const detail = `The ${board.role} of a board cannot invite others as ${role}`
          throw new ApiError(403, 'role_exceeds_yours', detail)
        }
        if ((await repository.countOpenInvites(tx, boardId)) >= MAX_OPEN_INVITES) {
          const detail = `A board has at most ${MAX_OPEN_INVITES} open invites: revoke one first`
          throw new ApiError(409, 'too_many_invites', detail)
        }
        const row = await repository.insertInvite(tx, {
          boardId,
          tokenHash: hashInviteToken(token),
          role,
          email,
          maxUses,
          expiresInSeconds,
          createdBy: actor.userId,
        })
        await record({
          type: 'invite.created',
          workspaceId: board.workspace_id,
          boardId,
          target: { type: 'invite', id: row.id },
          changes: { role, email, maxUses, expiresAt: row.expires_at },
        })
        isFirst = true
        return presentInvite(row, true)
      })
      const link = { token, url: `${webOrigin}/invites/${token}` }
      return { ...invite, ...(isFirst ? link : { token: null, url: null }) }
    },

    list(userId, boardId, query) {
      let viewer: BoardRole | undefined
      return listPage(query, {
        ...NEWEST_FIRST,
        async read(page) {
          viewer = (await requireBoard(db, userId, boardId, 'invite')).role
          return repository.listInvites(db, boardId, page)
        },
        present: (row) => presentInvite(row, seesEmailOf(row, { userId, role: viewer })),
      })
    },

    revoke(actor, { boardId, inviteId }) {
      return transact(actor, async (tx, record) => {
        const board = await requireBoard(tx, actor.userId, boardId, 'read')
        const invite = await repository.findInvite(tx, { boardId, inviteId })
        if (!invite) throw notFound('invite')
        if (!canRevokeInvite(board.role, { isOwn: invite.created_by === actor.userId })) {
          throw forbidden('Only its creator and the owners of the board can revoke an invite')
        }
        if ((await repository.revokeInvites(tx, [inviteId])) === 0) return
        await record({
          type: 'invite.revoked',
          workspaceId: board.workspace_id,
          boardId,
          target: { type: 'invite', id: inviteId },
        })
      })
    },

    async preview(token) {
      const invite = usable(await repository.findInviteByToken(db, hashInviteToken(token)))
      const { email, role, expires_at } = invite
      const state = canStillInvite(invite) ? invite.state : 'revoked'
      const kept = { role, expiresAt: expires_at.toISOString(), state }
      if (state !== 'open') {
        return { boardName: null, workspaceName: null, inviterName: null, ...kept }
      }
      return {
        boardName: invite.boardName,
        workspaceName: invite.workspaceName,
        inviterName: displayName({ name: invite.inviterName, email: invite.inviterEmail }),
        ...kept,
        ...(email !== null && { emailHint: emailHint(email) }),
      }
    },

    accept(actor, token) {
      const tokenHash = hashInviteToken(token)
      // A link that was shared with many: all of them wait for the lock of its board.
      return transact({ ...actor, crowd: tokenHash }, async (tx, record) => {
        const invite = usable(await repository.findInviteOnLockedBoard(tx, tokenHash))
        const { id, role, board_id: boardId, workspaceId, email } = invite
        const present = await findBoard(tx, { boardId, userId: actor.userId })
        const presentRole = present ? memberRole(grantsOf(present)) : null
        if (presentRole && isAtLeast(presentRole, role)) return boardOf(tx, actor, boardId)

        if (!canStillInvite(invite)) throw closed('revoked')
        const { userId } = actor
        if (await isReducedSince(tx, { userId, workspaceId, boardId, since: invite.created_at })) {
          const detail = 'Your access was reduced after this invite was made: ask for a new one'
          throw new ApiError(403, 'invite_predates_removal', detail)
        }
        // Of what can close an invite, only revoking it does not lock the board.
        if (!(await repository.takeSeat(tx, id))) throw closed(invite.state)
        if (email !== null && !(await repository.hasVerifiedEmail(tx, actor.userId, email))) {
          const detail = `This invite is for ${emailHint(email)}: sign in with that account`
          throw new ApiError(403, 'invite_email_mismatch', detail)
        }
        await repository.grantInvitedRole(tx, invite, actor.userId)
        await record({
          type: 'invite.accepted',
          workspaceId,
          boardId,
          userId: actor.userId,
          target: { type: 'invite', id },
          changes: { role },
          access: await raiseAccessVersions(tx, { boardIds: [boardId] }),
        })
        // Before the commit: what takes effect is answered.
        return boardOf(tx, actor, boardId)
      })
    },
  }
}

/** How many may come: one, where the invite is for one person. @throws ApiError 400 */
function seatsOf({ email, maxUses }: CreateInvite): number | null {
  if (email === undefined) return maxUses ?? null
  if (maxUses === undefined || maxUses === 1) return 1
  throw new ApiError(400, 'validation_failed', 'An invite with an email can be used once', {
    errors: [{ pointer: '/maxUses', message: 'must be 1 with an email' }],
  })
}

/** @throws ApiError 404 where there is no such invite, 410 where its board is gone */
function usable(invite: repository.FoundInvite | undefined): repository.FoundInvite {
  if (!invite) throw notFound('invite')
  if (invite.isBoardGone) throw new ApiError(410, 'board_gone', 'The board was deleted')
  return invite
}

/** A right that is lost takes its invites along; this is for one that is being lost right now. */
function canStillInvite(invite: repository.FoundInvite): boolean {
  return canInviteAs(memberRole(invite), invite.role)
}

function closed(state: InviteState): ApiError {
  const reason = state === 'open' ? 'revoked' : state
  return new ApiError(410, `invite_${reason}`, CLOSED[reason])
}

/** Whether a person sees the email that an invite is for. */
export function seesEmailOf(
  { created_by }: repository.InviteRow,
  viewer: { userId: string; role: BoardRole | undefined },
): boolean {
  const { userId, role } = viewer
  return created_by === userId || (role !== undefined && canOnBoard(role, 'manageMembers'))
}

/** An invite as people on its board see it. */
export function presentInvite(row: repository.InviteRow, withEmail: boolean): Invite {
  return {
    id: row.id,
    boardId: row.board_id,
    role: row.role,
    email: withEmail ? row.email : null,
    maxUses: row.max_uses,
    uses: row.uses,
    expiresAt: row.expires_at.toISOString(),
    revokedAt: row.revoked_at?.toISOString() ?? null,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    state: row.state,
  }
}
