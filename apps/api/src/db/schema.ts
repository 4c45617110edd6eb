import type { DomainEvent, EventType } from '@mindfuse/internal'
import type { BoardRole, KeyScope, LinkRole, UserKind, WorkspaceRole } from '@mindfuse/protocol'
import type { ColumnType, Generated } from 'kysely'

/** A time the database fills in. */
type GeneratedTime = ColumnType<Date, Date | undefined, Date>

/** The tables as `migrations/` leaves them. */
export interface Schema {
  users: UserTable
  sessions: SessionTable
  session_retired_tokens: SessionRetiredTokenTable
  signing_keys: SigningKeyTable
  workspaces: WorkspaceTable
  workspace_members: WorkspaceMemberTable
  boards: BoardTable
  board_thumbnails: BoardThumbnailTable
  board_members: BoardMemberTable
  board_invites: BoardInviteTable
  access_reductions: AccessReductionTable
  keys: KeyTable
  board_links: BoardLinkTable
  link_grants: LinkGrantTable
  pending_memberships: PendingMembershipTable
  board_documents: BoardDocumentTable
  board_updates: BoardUpdateTable
  compaction_queue: CompactionQueueTable
  quarantined_updates: QuarantinedUpdateTable
  board_activity: BoardActivityTable
  board_versions: BoardVersionTable
  assets: AssetTable
  board_assets: BoardAssetTable
  asset_scans: AssetScanTable
  asset_reviews: AssetReviewTable
  asset_sweeps: AssetSweepTable
  events: EventTable
  audit_entries: AuditEntryTable
  admin_audit: AdminAuditTable
  idempotency_keys: IdempotencyKeyTable
}

interface UserTable {
  id: Generated<string>
  kind: Generated<UserKind>
  /** Null of those who are no people. */
  email: string | null
  email_verified: boolean
  /** What is shown. */
  name: string | null
  /** What a person chose to be called. */
  chosen_name: string | null
  /** The provider's name; of a person who chose none, `name` has it. */
  provider_name: string | null
  avatar_url: string | null
  oauth_provider: string
  oauth_id: string
  disabled_at: Date | null
  /** The person that a guest turned out to be. */
  merged_into: string | null
  created_at: GeneratedTime
  updated_at: GeneratedTime
}

interface SessionTable {
  id: Generated<string>
  user_id: string
  token: string
  expires_at: Date
  created_at: GeneratedTime
  rotated_at: GeneratedTime
  revoked_at: Date | null
  /** The session that it was made with, and ends with. */
  parent_id: string | null
  ip: string | null
  user_agent: string | null
}

interface SessionRetiredTokenTable {
  token: string
  session_id: string
  retired_at: GeneratedTime
  salt: Buffer | null
  ip: string | null
  user_agent: string | null
}

interface SigningKeyTable {
  kid: string
  private_jwk: ColumnType<Record<string, unknown>, string, never>
  public_jwk: ColumnType<Record<string, unknown>, string, never>
  created_at: GeneratedTime
  activates_at: GeneratedTime
}

interface WorkspaceTable {
  id: Generated<string>
  name: string
  type: 'personal' | 'team'
  owner_id: string | null
  guests: Generated<'off' | 'view' | 'comment' | 'edit'>
  version: Generated<number>
  /** As `access_version` of boards. */
  membership_version: Generated<number>
  created_at: GeneratedTime
  updated_at: GeneratedTime
  deleted_at: Date | null
  max_boards: number | null
  max_storage_bytes: number | null
  max_asset_bytes: number | null
}

interface WorkspaceMemberTable {
  workspace_id: string
  user_id: string
  role: WorkspaceRole
  joined_at: GeneratedTime
}

interface BoardTable {
  id: Generated<string>
  workspace_id: string
  name: string
  thumbnail_url: string | null
  viewers_can_broadcast: Generated<boolean>
  created_by: string | null
  created_at: GeneratedTime
  updated_at: GeneratedTime
  deleted_at: Date | null
  deleted_by: string | null
  version: Generated<number>
  access_version: Generated<number>
  /** What a product that embeds boards calls it. */
  external_key: string | null
}

interface BoardThumbnailTable {
  board_id: string
  digest: Buffer
  content_type: string
  bytes: Buffer
  announced_at: GeneratedTime
}

interface BoardMemberTable {
  board_id: string
  user_id: string
  role: BoardRole
  invited_by: string | null
  joined_at: GeneratedTime
}

interface BoardInviteTable {
  id: Generated<string>
  board_id: string
  token: string
  role: BoardRole
  email: string | null
  max_uses: number | null
  uses: Generated<number>
  expires_at: Date
  revoked_at: Date | null
  created_by: string
  created_at: GeneratedTime
}

interface AccessReductionTable {
  user_id: string
  workspace_id: string
  board_id: string | null
  reduced_at: Date
}

interface KeyTable {
  id: string
  user_id: string
  workspace_id: string
  scopes: KeyScope[]
  board_ids: string[] | null
  created_by: string | null
  created_at: GeneratedTime
  last_used_at: Date | null
}

interface BoardLinkTable {
  id: Generated<string>
  board_id: string
  token: string
  role: LinkRole
  label: string | null
  password: string | null
  expires_at: Date | null
  end_announced_at: Date | null
  revoked_at: Date | null
  uses: Generated<number>
  last_opened_at: Date | null
  created_by: string
  created_at: GeneratedTime
}

interface LinkGrantTable {
  id: Generated<string>
  user_id: string
  board_id: string
  link_id: string
  role: LinkRole | 'nameless'
  as_guest: boolean
  opened_at: GeneratedTime
}

interface PendingMembershipTable {
  id: Generated<string>
  workspace_id: string
  email: string | null
  user_id: string | null
  role: WorkspaceRole
  invited_by: string
  created_at: GeneratedTime
  expires_at: Date
}

interface BoardDocumentTable {
  board_id: string
  seq: Generated<number>
  snapshot: Buffer | null
  snapshot_seq: Generated<number>
  tail_bytes: Generated<number>
  tombstone_share: number | null
  compacted_at: Date | null
  damaged_at: Date | null
  replaced_seq: Generated<number>
  build_failure: 'too_costly' | 'too_large' | 'broken' | null
  build_failed_seq: number | null
  build_failed_at: Date | null
}

interface BoardUpdateTable {
  board_id: string
  seq: number
  user_id: string
  update: Buffer
  created_at: GeneratedTime
}

interface CompactionQueueTable {
  board_id: string
  due_at: GeneratedTime
  attempts: Generated<number>
}

interface QuarantinedUpdateTable {
  board_id: string
  seq: number
  kind: 'update' | 'snapshot'
  user_id: string | null
  update: Buffer
  reason: string
  created_at: Date
  quarantined_at: GeneratedTime
}

interface BoardActivityTable {
  board_id: string
  started_at: Date
  user_id: string
  updates: number
  bytes: number
  first_seq: number
  last_seq: number
  last_at: Date | null
}

interface BoardVersionTable {
  id: Generated<string>
  board_id: string
  name: string | null
  kind: 'named' | 'automatic'
  seq: number
  state: Buffer
  created_by: string
  created_at: GeneratedTime
  asset_digests: Buffer[] | null
}

interface AssetTable {
  id: string
  workspace_id: string
  digest: Buffer
  bytes: number
  content_type: string
  created_at: GeneratedTime
}

interface BoardAssetTable {
  board_id: string
  digest: Buffer
  asset_id: string
  added_by: string
  added_at: GeneratedTime
  unnamed_since: ColumnType<Date | null, Date | null | undefined, Date | null>
}

interface AssetScanTable {
  board_id: string
  scanned_at: GeneratedTime
  seq: Generated<number>
}

interface AssetReviewTable {
  id: Generated<number>
  asset_id: string
}

interface AssetSweepTable {
  incarnation: string
  due_at: Date
}

/** What an event says to instances. */
export interface EventData extends Pick<DomainEvent, 'access' | 'sessions' | 'traceparent'> {
  /** Those of `access` that are no boards: a previous release takes all that it finds there for boards. */
  places?: DomainEvent['access']
}

interface EventTable {
  id: Generated<string>
  seq: number | null
  type: EventType
  workspace_id: string | null
  board_id: string | null
  user_id: string | null
  target_id: string | null
  former_members: string[] | null
  data: ColumnType<EventData, string, never>
  created_at: GeneratedTime
  published_at: Date | null
}

interface AuditEntryTable {
  id: Generated<string>
  workspace_id: string | null
  action: EventType
  actor_id: string
  target_type: string
  target_id: string
  changes: ColumnType<Record<string, unknown>, string, never>
  ip: string | null
  user_agent: string | null
  request_id: string | null
  created_at: GeneratedTime
}

interface AdminAuditTable {
  id: Generated<string>
  actor: string
  action: string
  target_type: string
  target_id: string
  reason: string | null
  changes: ColumnType<Record<string, unknown>, string, never>
  request_id: string | null
  created_at: GeneratedTime
}

interface IdempotencyKeyTable {
  user_id: string
  key: string
  fingerprint: string
  body: ColumnType<unknown, string, never>
  created_at: GeneratedTime
}
