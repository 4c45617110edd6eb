import { requireBoard, requireLockedBoard } from '../boards/access.ts'
import { memberRole } from '../boards/policy.ts'
import type { Actor } from '../changes/actor.ts'
import type { Transact } from '../changes/transact.ts'
import type { Database } from '../db/database.ts'
import { ApiError, forbidden, notFound } from '../http/errors.ts'
import { cleanName } from '../http/names.ts'
import { listPage, NEWEST_FIRST, type Page, type PageQuery } from '../http/pagination.ts'
import { hashInviteToken, newInviteToken } from '../invites/invite-token.ts'
import { canInviteAs, canRevokeInvite } from '../invites/policy.ts'
import { displayName } from '../users/presenter.ts'
import { endLink } from './end-links.ts'
import type { Passwords } from './passwords.ts'
import * as repository from './repository.ts'
import type { CreatedLink, CreateLink, Link, LinkPreview, LinkState } from './schemas.ts'

/** Most links to a board that are open at a time. */
export const MAX_OPEN_LINKS = 50

/** Why a link that is not open cannot be opened. */
const CLOSED: Record<Exclude<LinkState, 'open'>, string> = {
  expired: 'This link has expired',
  revoked: 'This link was revoked',
}

/** Links to boards, for those who share these. {@link createOpenLink} lets people and guests in by them. */
export interface LinkService {
  /**
   * Creates a link and returns its token, only this once. The result stored for an `Idempotency-Key` has
   * none, so a repeated request gets null in its place.
   *
   * @throws ApiError 400 for an end that has passed, 403 for a role beyond the actor's own, 409 beyond
   * {@link MAX_OPEN_LINKS}, 503 where too many passwords are processed
   */
  create(actor: Actor, boardId: string, input: CreateLink): Promise<CreatedLink>
  /** A board's links, newest first. */
  list(userId: string, boardId: string, page: PageQuery): Promise<Page<Link>>
  /** Revokes a link and ends what it gave; one that has ended stays as it is. */
  revoke(actor: Actor, link: { boardId: string; linkId: string }): Promise<void>
  /** What a link leads to, for everyone who has it. @throws ApiError 404, 410 */
  preview(token: string): Promise<LinkPreview>
}

/** @param deps.webOrigin where links lead to */
export function createLinkService(deps: {
  db: Database
  transact: Transact
  passwords: Passwords
  webOrigin: string
}): LinkService {
  const { db, transact, passwords, webOrigin } = deps

  return {
    async create(actor, boardId, { role, label, expiresAt, password }) {
      const ends = expiresAt === undefined ? null : timeOf(expiresAt)
      // Before the work of hashing a password.
      await requireBoard(db, actor.userId, boardId, 'invite')
      const passwordHash =
        password === undefined ? null : await passwords.hash(actor.userId, password)
      const token = newInviteToken()
      let isFirst = false
      const link = await transact(actor, async (tx, record) => {
        const board = await requireLockedBoard(tx, actor.userId, boardId, 'invite')
        if (!canInviteAs(board.role, role)) {
          const detail = `The ${board.role} of a board cannot share it with an ${role}`
          throw new ApiError(403, 'role_exceeds_yours', detail)
        }
        if ((await repository.countOpenLinks(tx, boardId)) >= MAX_OPEN_LINKS) {
          const detail = `A board has at most ${MAX_OPEN_LINKS} open links: revoke one first`
          throw new ApiError(409, 'too_many_links', detail)
        }
        const row = await repository.insertLink(tx, {
          ...{ boardId, role, createdBy: actor.userId, expiresAt: ends, password: passwordHash },
          tokenHash: hashInviteToken(token),
          label: label === undefined ? null : cleanName(label),
        })
        // By the clock that will end it.
        if (row.state === 'expired') throw endHasPassed()
        await record({
          type: 'link.created',
          workspaceId: board.workspace_id,
          boardId,
          target: { type: 'link', id: row.id },
          changes: { role, hasPassword: row.password !== null, expiresAt: row.expires_at },
        })
        isFirst = true
        return presentLink(row)
      })
      const secret = { token, url: `${webOrigin}/links/${token}` }
      return { ...link, ...(isFirst ? secret : { token: null, url: null }) }
    },

    list: (userId, boardId, query) =>
      listPage(query, {
        ...NEWEST_FIRST,
        async read(page) {
          await requireBoard(db, userId, boardId, 'invite')
          return repository.listLinks(db, boardId, page)
        },
        present: presentLink,
      }),

    revoke(actor, { boardId, linkId }) {
      return transact(actor, async (tx, record) => {
        const board = await requireLockedBoard(tx, actor.userId, boardId, 'read')
        const link = await repository.findLink(tx, { boardId, linkId })
        if (!link) throw notFound('link')
        if (!canRevokeInvite(board.role, { isOwn: link.created_by === actor.userId })) {
          throw forbidden('Only its creator and the owners of the board can revoke a link')
        }
        await endLink(tx, record, link, { type: 'link.revoked' })
      })
    },

    async preview(token) {
      const link = usable(await repository.findLinkByToken(db, hashInviteToken(token)))
      return {
        boardName: link.boardName,
        sharedBy: displayName({ name: link.makerName, email: link.makerEmail }),
        role: link.role,
        needsPassword: link.password !== null,
        needsName: link.role !== 'viewer',
      }
    },
  }
}

/**
 * A link that leads somewhere now.
 * @throws ApiError 404 where there is no such link, 410 where it has ended or its board is gone
 */
export function usable(link: repository.FoundLink | undefined): repository.FoundLink {
  if (!link) throw notFound('link')
  if (link.isBoardGone) throw new ApiError(410, 'board_gone', 'The board was deleted')
  // A right that is lost takes its links along; this is for one that is being lost right now.
  const canStillShare = !link.isMakerDisabled && canInviteAs(memberRole(link), link.role)
  const state = canStillShare || link.state === 'expired' ? link.state : 'revoked'
  if (state !== 'open') throw new ApiError(410, `link_${state}`, CLOSED[state])
  return link
}

/** @throws ApiError 400 for a leap second, which is written as a time and is none to us */
function timeOf(text: string): Date {
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) throw endHasPassed()
  return time
}

function endHasPassed(): ApiError {
  return new ApiError(400, 'validation_failed', 'The link would have expired already', {
    errors: [{ pointer: '/expiresAt', message: 'must be in the future' }],
  })
}

function presentLink(row: repository.LinkRow): Link {
  return {
    id: row.id,
    boardId: row.board_id,
    role: row.role,
    label: row.label,
    hasPassword: row.password !== null,
    expiresAt: row.expires_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
    uses: row.uses,
    lastOpenedAt: row.last_opened_at?.toISOString() ?? null,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    state: row.state,
  }
}
