import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../db/database.ts'
import type { DownloadSource } from '../http/download.ts'

/** Most that one statement reads, so that memory holds a page of an export and never all of it. */
const PAGE_SIZE = 500

/** One thing that is held of a person. */
export interface Held {
  kind: string
  id: string
  [field: string]: unknown
}

/**
 * Reads everything that is held of a person but what they drew, which boards hold: page by page, with
 * neither a secret nor the email of anyone else.
 */
export async function* readHeld(db: Database, userId: string): AsyncGenerator<Held[]> {
  for (const [kind, rows] of Object.entries(heldOf(userId))) yield* pagesOf(db, kind, rows)
}

/** What {@link readHeld} reads as a file, an object of JSON in each line. */
export function asJsonLines(pages: AsyncIterable<Held[]>): DownloadSource {
  return {
    async *chunks() {
      for await (const page of pages) {
        yield Buffer.from(page.map((held) => `${JSON.stringify(held)}\n`).join(''))
      }
    },
    // Nothing is open between two pages.
    close: async () => undefined,
  }
}

async function* pagesOf(
  db: Database,
  kind: string,
  held: RawBuilder<unknown>,
): AsyncGenerator<Held[]> {
  let after: string | null = null
  do {
    const { rows } = await sql<Omit<Held, 'kind'> & { id: string }>`
      SELECT * FROM (${held}) AS held
      WHERE ${after}::uuid IS NULL OR id > ${after}
      ORDER BY id LIMIT ${PAGE_SIZE}`.execute(db)
    if (rows.length > 0) yield rows.map((row) => ({ kind, ...row }))
    after = rows.length < PAGE_SIZE ? null : (rows.at(-1)?.id ?? null)
  } while (after !== null)
}

/** Queries by the kind of what they find, each row with an `id` of its own. */
function heldOf(userId: string): Record<string, RawBuilder<unknown>> {
  // An email that is not proven may be another's.
  const provenEmail = sql`(
    SELECT lower(email COLLATE "C") FROM users WHERE id = ${userId} AND email_verified)`
  return {
    account: sql`
      SELECT id, email, email_verified AS "isEmailVerified", name,
        chosen_name AS "chosenName", provider_name AS "providerName", avatar_url AS "avatarUrl",
        oauth_provider AS provider, oauth_id AS subject, disabled_at AS "disabledAt",
        created_at AS "createdAt", updated_at AS "updatedAt"
      FROM users WHERE id = ${userId}`,

    session: sql`
      SELECT id, ip, user_agent AS "userAgent", created_at AS "createdAt",
        rotated_at AS "lastUsedAt", expires_at AS "expiresAt",
        (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'usedAt', retired_at, 'ip', ip, 'userAgent', user_agent) ORDER BY retired_at), '[]')
          FROM session_retired_tokens WHERE session_id = sessions.id) AS "earlierUses"
      FROM sessions WHERE user_id = ${userId}`,

    workspace: sql`
      SELECT w.id, w.name, w.type, m.role, w.owner_id = ${userId} AS "isOwner",
        m.joined_at AS "joinedAt", w.deleted_at AS "deletedAt"
      FROM workspaces w
      LEFT JOIN workspace_members m ON m.workspace_id = w.id AND m.user_id = ${userId}
      WHERE w.id IN (
        SELECT workspace_id FROM workspace_members WHERE user_id = ${userId}
        UNION SELECT id FROM workspaces WHERE owner_id = ${userId})`,

    board: sql`
      SELECT b.id, b.name, b.workspace_id AS "workspaceId", m.role, m.joined_at AS "joinedAt",
        b.created_by IS NOT DISTINCT FROM ${userId}::uuid AS "isCreator",
        b.created_at AS "createdAt", b.deleted_at AS "trashedAt", drawn.*,
        (SELECT count(*) FROM board_versions
          WHERE board_id = b.id AND created_by = ${userId}) AS "versionsCreated"
      FROM boards b
      LEFT JOIN board_members m ON m.board_id = b.id AND m.user_id = ${userId}
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(updates), 0)::bigint AS edits,
          coalesce(sum(bytes), 0)::bigint AS "editedBytes",
          min(started_at) AS "firstEditedAt", max(last_at) AS "lastEditedAt"
        FROM (
          SELECT updates, bytes, started_at, coalesce(last_at, started_at) AS last_at
          FROM board_activity
          WHERE board_id = b.id AND user_id = ${userId}
          UNION ALL
          SELECT 1, octet_length(update), created_at, created_at FROM board_updates
          WHERE board_id = b.id AND user_id = ${userId}
        ) AS edits
      ) AS drawn
      WHERE b.id IN (
        SELECT board_id FROM board_members WHERE user_id = ${userId}
        UNION SELECT id FROM boards WHERE created_by = ${userId}
        UNION SELECT board_id FROM board_activity WHERE user_id = ${userId})`,

    invite: sql`
      SELECT id, board_id AS "boardId", role, created_by = ${userId} AS "isYours",
        email IS NOT NULL AS "isForOneEmail", max_uses AS "maxUses", uses,
        created_at AS "createdAt", expires_at AS "expiresAt", revoked_at AS "revokedAt"
      FROM board_invites
      WHERE created_by = ${userId} OR email = ${provenEmail}`,

    guest: sql`
      SELECT id, name, created_at AS "createdAt", updated_at AS "signedInAt"
      FROM users WHERE merged_into = ${userId}`,

    offer: sql`
      SELECT id, workspace_id AS "workspaceId", role, invited_by = ${userId} AS "isYours",
        created_at AS "createdAt", expires_at AS "expiresAt"
      FROM pending_memberships
      WHERE invited_by = ${userId} OR user_id = ${userId} OR email = ${provenEmail}`,

    key: sql`
      SELECT keys.id, keys.workspace_id AS "workspaceId", users.name, scopes,
        keys.created_at AS "createdAt", last_used_at AS "lastUsedAt"
      FROM keys JOIN users ON users.id = keys.user_id
      WHERE created_by = ${userId}`,

    link: sql`
      SELECT id, board_id AS "boardId", role, label, uses, created_at AS "createdAt",
        expires_at AS "expiresAt", revoked_at AS "revokedAt", last_opened_at AS "lastOpenedAt"
      FROM board_links WHERE created_by = ${userId}`,

    file: sql`
      SELECT a.id, encode(a.digest, 'hex') AS digest, bytes, content_type AS "contentType",
        jsonb_agg(jsonb_build_object('boardId', board_id, 'addedAt', added_at) ORDER BY added_at)
          AS boards
      FROM board_assets b JOIN assets a ON a.id = b.asset_id
      WHERE added_by = ${userId}
      GROUP BY a.id`,

    openedLink: sql`
      SELECT link_id AS id, board_id AS "boardId", role, opened_at AS "openedAt"
      FROM link_grants WHERE user_id = ${userId}`,

    auditEntry: sql`
      SELECT id, action, workspace_id AS "workspaceId", target_type AS "targetType",
        target_id AS "targetId", changes - 'email' AS changes, ip, user_agent AS "userAgent",
        request_id AS "requestId", created_at AS "createdAt"
      FROM audit_entries WHERE actor_id = ${userId}`,

    actOfAdministrators: sql`
      SELECT id, action, created_at AS "createdAt"
      FROM admin_audit WHERE target_type = 'user' AND target_id = ${userId}`,
  }
}
