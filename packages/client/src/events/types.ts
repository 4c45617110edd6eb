import type { BoardDetails } from '../api/boards.ts'
import type { Invite } from '../api/invites.ts'
import type { Reply } from '../api/request.ts'
import type { Workspace } from '../api/workspaces.ts'

type WorkspaceMember = Reply<'GET /api/workspaces/{workspaceId}/members'>['items'][number]
type BoardMember = Reply<'GET /api/boards/{boardId}/members'>['items'][number]

/** Somebody in a workspace, where `boardId` is null, or on a board itself. */
export type ListedMember =
  | ({ workspaceId: string; boardId: null } & WorkspaceMember)
  | ({ workspaceId: string; boardId: string } & BoardMember)

/** A change of a list. `Gone` is as much as is said of what one sees no more. */
export type ListUpdate<Item, Gone> =
  /** Both put the item in the place of the one with its id, if there is one. */
  | { eventId: string; type: 'add' | 'update'; data: Item }
  | { eventId: string; type: 'delete'; data: Gone }

/** What a stream of events tells. */
export interface ListEvents {
  status: [state: EventsState]
  /** {@link Events.boards} is another one. */
  boards: [boards: ReadonlyMap<string, BoardDetails>]
  /**
   * A stream began. Without `complete`, something may have been missed: who shows workspaces,
   * members or invites reads them anew. Boards come by themselves.
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
  'invites:update': [update: ListUpdate<Invite, { id: string; boardId: string }>]
}

/** How a stream of events is. */
export type EventsState =
  /** On its way. `attempt` counts from 1 and anew after a stream that held. */
  | { kind: 'connecting'; attempt: number }
  | { kind: 'online' }
  /** Comes back by itself at `retryAt`, milliseconds since 1970. `code` says why it went. */
  | { kind: 'offline'; code: string; retryAt: number }
  /** Does not come back by itself. `code` is the server's. */
  | { kind: 'denied'; reason: EventsDenialReason; code: string }
  | { kind: 'closed' }

/** Why a stream is refused; coming back unchanged would not help. */
export type EventsDenialReason =
  /** There is no session: somebody has to sign in. */
  | 'sign_in_required'
  /** No such workspace, or not theirs. */
  | 'workspace_not_found'
  /** This page's origin is not one of the deployment's. */
  | 'origin_not_allowed'
