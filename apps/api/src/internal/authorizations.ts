import {
  type Authorization,
  type AuthorizationsReply,
  type AuthorizationsRequest,
  LOBBY,
  type Place,
  workspaceOf,
} from '@mindfuse/internal'
import type { BoardRole } from '@mindfuse/protocol'
import { sql } from 'kysely'
import { type GrantColumns, grantsOf } from '../boards/access.ts'
import { effectiveBoardRole, mayOnBoard } from '../boards/policy.ts'
import { type GrantPlaces, keyScopes, linkRole } from '../boards/repository.ts'
import type { Database } from '../db/database.ts'
import { displayName } from '../users/presenter.ts'

/** A session that ends sooner by itself is not kept by gateways. */
const MIN_SESSION_LEFT = '1 hour'

/** What gateways know that do not say. */
const ROLES_BEFORE_COMMENTER: readonly string[] = ['owner', 'editor', 'viewer']

type Permission = Omit<Authorization, 'sessionLives' | 'userName'>

/** Whoever has a session may be there, and nothing changes that but its end. */
const IN_LOBBY: Permission = { role: 'viewer', version: 0, canBroadcast: false, boardExists: true }

/** Of the query below. */
const PLACES: GrantPlaces = {
  userId: sql.ref('c.user_id'),
  boardId: sql.ref('b.id'),
  workspaceId: sql.ref('w.id'),
  workspaceRole: sql.ref('wm.role'),
  boardRole: sql.ref('bm.role'),
}

interface AuthorizationRow extends GrantColumns {
  as_of: number
  incarnation: string | null
  version: number | null
  viewers_can_broadcast: boolean | null
  board_name: string | null
  place_exists: boolean
  session_lives: boolean
  name: string | null
  email: string | null
  session_lasts: boolean
}

/**
 * What each of these connections may do now, in the order given. One statement is one snapshot: it has all
 * changes up to the newest number in it, because events get their numbers after their commit.
 */
export async function findAuthorizations(
  db: Database,
  { connections, knownRoles }: AuthorizationsRequest,
): Promise<AuthorizationsReply> {
  const { rows } = await sql<AuthorizationRow>`
    WITH here AS MATERIALIZED (
      SELECT (SELECT coalesce(max(seq), 0) FROM events) AS as_of, database_incarnation() AS incarnation
    )
    SELECT
      here.as_of,
      here.incarnation,
      coalesce(b.access_version, w.membership_version) AS version,
      b.viewers_can_broadcast,
      b.name AS board_name,
      coalesce(b.deleted_at IS NULL AND w.deleted_at IS NULL AND w.id IS NOT NULL, false)
        AS place_exists,
      s.id IS NOT NULL AS session_lives,
      u.name,
      u.email,
      coalesce(s.expires_at > now() + ${MIN_SESSION_LEFT}::interval, false) AS session_lasts,
      wm.role AS workspace_role,
      bm.role AS board_role,
      ${linkRole(PLACES)} AS link_role,
      ${keyScopes(PLACES)} AS key_scopes
    FROM here CROSS JOIN unnest(
      ${connections.map(({ boardId }) => boardOf(boardId))}::uuid[],
      ${connections.map(({ boardId }) => workspaceOf(boardId) ?? null)}::uuid[],
      ${connections.map(({ userId }) => userId)}::uuid[],
      ${connections.map(({ sessionId }) => sessionId)}::uuid[]
    ) WITH ORDINALITY AS c (board_id, workspace_id, user_id, session_id, place)
    LEFT JOIN boards b ON b.id = c.board_id
    LEFT JOIN workspaces w ON w.id = coalesce(b.workspace_id, c.workspace_id)
    LEFT JOIN workspace_members wm ON wm.workspace_id = w.id AND wm.user_id = c.user_id
    LEFT JOIN board_members bm ON bm.board_id = b.id AND bm.user_id = c.user_id
    LEFT JOIN sessions s ON s.id = c.session_id AND s.user_id = c.user_id
      AND s.revoked_at IS NULL AND s.expires_at > now()
    LEFT JOIN users u ON u.id = s.user_id
    ORDER BY c.place`.execute(db)
  const incarnation = rows[0]?.incarnation ?? undefined
  const results = rows.map((row, i) => {
    const permission = connections[i]?.boardId === LOBBY ? IN_LOBBY : permissionOf(row, knownRoles)
    return {
      ...permission,
      sessionLives: row.session_lives,
      ...(row.session_lives && { userName: displayName(row) }),
      ...(incarnation !== undefined && isKept(row) && { asOf: row.as_of }),
    }
  })
  return { results, ...(incarnation !== undefined && { incarnation }) }
}

/** The board that a place is; null for any other. */
function boardOf(place: Place): string | null {
  return place === LOBBY || workspaceOf(place) !== undefined ? null : place
}

function permissionOf(
  row: AuthorizationRow,
  knownRoles: readonly string[] | undefined,
): Permission {
  const grants = grantsOf(row)
  const role = row.place_exists ? effectiveBoardRole(grants) : null
  const settings = { viewersCanBroadcast: row.viewers_can_broadcast === true }
  return {
    role: role && roleAsKnown(role, knownRoles),
    version: row.version ?? 0,
    canBroadcast: role !== null && mayOnBoard(grants, 'broadcast', settings),
    boardExists: row.place_exists,
    ...(role !== null && row.board_name !== null && { boardName: row.board_name }),
  }
}

/** See `knownRolesSchema`. */
function roleAsKnown(role: BoardRole, known = ROLES_BEFORE_COMMENTER): BoardRole {
  return known.includes(role) ? role : 'viewer'
}

/** Whether the answer may be kept: no event says that a session or a link has ended by its time. */
function isKept({ session_lasts, link_role }: AuthorizationRow): boolean {
  return session_lasts && link_role === null
}
