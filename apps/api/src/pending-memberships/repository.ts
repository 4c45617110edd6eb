import type { EventType } from '@mindfuse/internal'
import type { WorkspaceRole } from '@mindfuse/protocol'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { byTime, type KeysetPage, pageOf } from '../db/keyset.ts'
import { foldedEmail } from '../users/email.ts'

/** How long an offer can be accepted, days. */
const LIFETIME_DAYS = 14

/** Most accounts with one email that an offer appears to at once; identity providers are few. */
const MAX_ACCOUNTS = 10

/** A pending membership that has not expired. */
export interface MembershipRow {
  id: string
  workspace_id: string
  workspace_name: string
  /** The member it hands the workspace over to; null where a person joins by email. */
  user_id: string | null
  email: string
  role: WorkspaceRole
  invited_by: string
  inviter_name: string | null
  inviter_email: string | null
  created_at: Date
  expires_at: Date
}

/** Offers a role to an email, or to a member to become the owner. */
export async function insertMembership(
  tx: Database,
  offer: { workspaceId: string; role: WorkspaceRole; invitedBy: string } & (
    | { email: string }
    | { userId: string }
  ),
): Promise<string> {
  const { id } = await tx
    .insertInto('pending_memberships')
    .values({
      workspace_id: offer.workspaceId,
      ...('email' in offer ? { email: offer.email } : { user_id: offer.userId }),
      role: offer.role,
      invited_by: offer.invitedBy,
      created_at: sql<Date>`statement_timestamp()`,
      expires_at: sql<Date>`statement_timestamp() + make_interval(days => ${LIFETIME_DAYS})`,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** Pending memberships with these ids. */
export function readMemberships(db: Database, ids: readonly string[]): Promise<MembershipRow[]> {
  return pending(db)
    .where((eb) => eb('pending_memberships.id', '=', eb.fn.any(eb.val([...ids]))))
    .execute()
}

/** One of a workspace's pending memberships. */
export function findOfWorkspace(
  db: Database,
  { workspaceId, membershipId }: { workspaceId: string; membershipId: string },
): Promise<MembershipRow | undefined> {
  return pending(db)
    .where('pending_memberships.workspace_id', '=', workspaceId)
    .where('pending_memberships.id', '=', membershipId)
    .executeTakeFirst()
}

/** What a workspace has offered to an email. */
export function findOffer(
  db: Database,
  { workspaceId, email }: { workspaceId: string; email: string },
): Promise<MembershipRow | undefined> {
  return pending(db)
    .where('pending_memberships.workspace_id', '=', workspaceId)
    .where('pending_memberships.email', '=', email)
    .executeTakeFirst()
}

/** The transfer of a workspace that is pending. */
export function findTransfer(
  db: Database,
  workspaceId: string,
): Promise<MembershipRow | undefined> {
  return pending(db)
    .where('pending_memberships.workspace_id', '=', workspaceId)
    .where('pending_memberships.user_id', 'is not', null)
    .executeTakeFirst()
}

/** Removes what a workspace has offered to an email, expired ones too. */
export async function deleteOffers(
  tx: Database,
  { workspaceId, email }: { workspaceId: string; email: string },
): Promise<void> {
  await tx
    .deleteFrom('pending_memberships')
    .where('workspace_id', '=', workspaceId)
    .where('email', '=', email)
    .execute()
}

/** Removes transfers of a workspace, expired ones too. */
export async function deleteTransfers(tx: Database, workspaceId: string): Promise<void> {
  await tx
    .deleteFrom('pending_memberships')
    .where('workspace_id', '=', workspaceId)
    .where('user_id', 'is not', null)
    .execute()
}

/** What a workspace has offered, the newest first. */
export function listOfWorkspace(
  db: Database,
  workspaceId: string,
  page: KeysetPage,
): Promise<MembershipRow[]> {
  const ofWorkspace = pending(db).where('pending_memberships.workspace_id', '=', workspaceId)
  return pageOf(ofWorkspace, page, NEWEST).execute()
}

/** What is offered to a person, the newest first. */
export function listOfPerson(
  db: Database,
  userId: string,
  page: KeysetPage,
): Promise<MembershipRow[]> {
  return pageOf(offeredTo(db, userId), page, NEWEST).execute()
}

/** What is offered to a person under this id. */
export function findOfPerson(
  db: Database,
  { userId, membershipId }: { userId: string; membershipId: string },
): Promise<MembershipRow | undefined> {
  return offeredTo(db, userId).where('pending_memberships.id', '=', membershipId).executeTakeFirst()
}

/**
 * How a person answered an offer, from the audit log: an offer that is answered is removed. The
 * workspace is null for a declined one.
 */
export function findAnswer(
  db: Database,
  answer: { userId: string; membershipId: string; type: EventType },
): Promise<{ workspaceId: string | null } | undefined> {
  return db
    .selectFrom('audit_entries')
    .select('workspace_id as workspaceId')
    .where('actor_id', '=', answer.userId)
    .where('action', '=', answer.type)
    .where('target_id', '=', answer.membershipId)
    .limit(1)
    .executeTakeFirst()
}

/** What a member has offered to others, and what is offered to them, in one workspace. */
export function listAbout(
  tx: Database,
  { workspaceId, userId, email }: { workspaceId: string; userId: string; email: string },
): Promise<MembershipRow[]> {
  return pending(tx)
    .where('pending_memberships.workspace_id', '=', workspaceId)
    .where((eb) =>
      eb.or([
        eb('invited_by', '=', userId),
        eb('pending_memberships.user_id', '=', userId),
        eb('pending_memberships.email', '=', email),
      ]),
    )
    .execute()
}

/** Everything that a workspace has offered. */
export function listAllOfWorkspace(tx: Database, workspaceId: string): Promise<MembershipRow[]> {
  return pending(tx).where('pending_memberships.workspace_id', '=', workspaceId).execute()
}

/**
 * What goes with an account: what it has offered, the workspaces that it is to take over, and
 * everything that is offered by workspaces that are deleted with it.
 */
export function listAllOfAccount(
  tx: Database,
  { userId, deletedWorkspaceIds }: { userId: string; deletedWorkspaceIds: readonly string[] },
): Promise<MembershipRow[]> {
  return pending(tx)
    .where((eb) =>
      eb.or([
        eb('invited_by', '=', userId),
        eb('pending_memberships.user_id', '=', userId),
        eb('pending_memberships.workspace_id', '=', eb.fn.any(eb.val([...deletedWorkspaceIds]))),
      ]),
    )
    .execute()
}

/** Everything that is offered to an email, by the ids of the workspaces. */
export function listAllOfEmail(tx: Database, email: string): Promise<MembershipRow[]> {
  return pending(tx)
    .where('pending_memberships.email', '=', email)
    .orderBy('pending_memberships.workspace_id')
    .execute()
}

/** How many people a workspace has asked to join. */
export async function countOffers(db: Database, workspaceId: string): Promise<number> {
  const { count } = await db
    .selectFrom('pending_memberships')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('workspace_id', '=', workspaceId)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirstOrThrow()
  return count
}

/** Removes a pending membership. */
export async function deleteMembership(tx: Database, membershipId: string): Promise<void> {
  await tx.deleteFrom('pending_memberships').where('id', '=', membershipId).execute()
}

/** The accounts with this folded and verified email. */
export async function listAccountsByEmail(db: Database, email: string): Promise<string[]> {
  const rows = await db
    .selectFrom('users')
    .select('id')
    .where(foldedEmail, '=', email)
    .where('email_verified', '=', true)
    .limit(MAX_ACCOUNTS)
    .execute()
  return rows.map(({ id }) => id)
}

const NEWEST = byTime('pending_memberships.created_at', 'pending_memberships.id', 'desc')

function offeredTo(db: Database, userId: string) {
  return pending(db).where((eb) =>
    eb.or([
      eb('pending_memberships.user_id', '=', userId),
      eb('pending_memberships.email', '=', (sub) =>
        sub
          .selectFrom('users')
          .select(foldedEmail.as('email'))
          .where('users.id', '=', userId)
          .where('users.email_verified', '=', true),
      ),
    ]),
  )
}

function pending(db: Database) {
  return db
    .selectFrom('pending_memberships')
    .innerJoin('workspaces', 'workspaces.id', 'pending_memberships.workspace_id')
    .innerJoin('users as inviter', 'inviter.id', 'invited_by')
    .leftJoin('users as heir', 'heir.id', 'pending_memberships.user_id')
    .select([
      'pending_memberships.id',
      'pending_memberships.workspace_id',
      'workspaces.name as workspace_name',
      'pending_memberships.user_id',
      sql<string>`coalesce(pending_memberships.email, heir.email)`.as('email'),
      'pending_memberships.role',
      'invited_by',
      'inviter.name as inviter_name',
      'inviter.email as inviter_email',
      'pending_memberships.created_at',
      'pending_memberships.expires_at',
    ])
    .where('workspaces.deleted_at', 'is', null)
    .where('pending_memberships.expires_at', '>', sql<Date>`now()`)
}
