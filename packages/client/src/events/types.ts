import type { BoardDetails } from '../api/boards.ts'
import type { Invite } from '../api/invites.ts'
import type { Membership } from '../api/memberships.ts'
import type { Reply } from '../api/request.ts'
import type { Workspace } from '../api/workspaces.ts'

type WorkspaceMember = Reply<'GET /api/workspaces/{workspaceId}/members'>['items'][number]
type BoardMember = Reply<'GET /api/boards/{boardId}/members'>['items'][number]

/** A member of a workspace (`boardId` is null) or of a single board. */
export type ListedMember =
  | ({ workspaceId: string; boardId: null } & WorkspaceMember)
  | ({ workspaceId: string; boardId: string } & BoardMember)

/** A change of a list. `Key` identifies an item that was deleted, or is no longer visible. */
export type ListUpdate<Item, Key> =
  /** Both replace the item with the same id, if there is one. */
  | { eventId: string; type: 'add' | 'update'; data: Item }
  | { eventId: string; type: 'delete'; data: Key }

/** The events of a stream, with what their listeners receive. */
export interface ListEvents {
  status: [state: EventsState]
  /** {@link Events.boards} changed. */
  boards: [boards: ReadonlyMap<string, BoardDetails>]
  /**
   * The stream started or resumed. Unless `complete`, changes may have been missed: reload workspaces,
   * members, memberships and invites if you show them. Boards are reloaded automatically.
   */
  resumed: [resumed: { from: string | null; complete: boolean }]
  'boards:update': [update: ListUpdate<BoardDetails, { id: string; workspaceId: string | null }>]
  'members:update': [
    update: ListUpdate<
      ListedMember,
      { workspaceId: string; boardId: string | null; userId: string }
    >,
  ]
  'workspaces:update': [update: ListUpdate<Workspace, { id: string }>]
  'memberships:update': [update: ListUpdate<Membership, { id: string; workspaceId: string }>]
  'invites:update': [update: ListUpdate<Invite, { id: string; boardId: string }>]
}

/** The state of an event stream. */
export type EventsState =
  /** `attempt` counts from 1, and again from 1 after a stable stream. */
  | { kind: 'connecting'; attempt: number }
  | { kind: 'online' }
  /** Reconnects automatically at `retryAt`, milliseconds since 1970. `code` is the reason. */
  | { kind: 'offline'; code: string; retryAt: number }
  /** Does not reconnect automatically. `code` is the server's. */
  | { kind: 'denied'; reason: EventsDenialReason; code: string }
  | { kind: 'closed' }

/** Why a stream is refused; reconnecting unchanged would not help. */
export type EventsDenialReason =
  /** There is no session: the user has to sign in. */
  | 'sign_in_required'
  /** The session is now that of another user, who signed in in another tab: reload the page. */
  | 'signed_in_as_another'
  /** The workspace does not exist, or is not the user's. */
  | 'workspace_not_found'
  /** The deployment does not allow this page's origin. */
  | 'origin_not_allowed'
