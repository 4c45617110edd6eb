import type { BoardDetails, Client, Events, EventsState } from '@mindfuse/client'
import { useMemo } from 'react'
import { clientResources } from './client-resources.ts'
import { useClientOr } from './provider.ts'
import { useShared } from './use-shared.ts'
import { useWatched, type Watch } from './use-watched.ts'

const ALL = ''
const eventsOf = clientResources((client, workspaceId) =>
  client.events(workspaceId === ALL ? {} : { workspaceId }),
)

const NOT_OPEN: EventsState = { kind: 'connecting', attempt: 1 }

const watchBoards: Watch<Events> = (events, onChange) => events.on('boards', onChange)
const watchStatus: Watch<Events> = (events, onChange) => events.on('status', onChange)

/** Which boards {@link useBoards} lists. */
export interface UseBoardsOptions {
  /** Those of one workspace; by default all that you can see. */
  workspaceId?: string | undefined
  /** In place of the provider's. */
  client?: Client | undefined
}

/**
 * The event stream that {@link useBoards} reads, for changes of your other lists: `undefined` in the first render and on
 * a server. Listeners are yours to remove; the stream is closed a little after the last component is unmounted.
 *
 * @example
 * ```tsx
 * function Invitations({ read }: { read: () => void }) {
 *   const events = useEvents()
 *   useEffect(() => events?.on('memberships:update', read), [events, read])
 *   return <button onClick={read}>Read them</button>
 * }
 * ```
 */
export function useEvents({ workspaceId, client }: UseBoardsOptions = {}): Events | undefined {
  const used = useClientOr(client)
  return useShared(used && eventsOf(used, workspaceId ?? ALL))
}

/** A list of boards that stays current. */
export interface BoardList {
  /** The most recently updated first; `undefined` until the first list has arrived. */
  boards: readonly BoardDetails[] | undefined
  /** The state of the event stream, which says why there is no list. */
  status: EventsState
}

/**
 * The boards that you can see, as they change. One event stream serves all components.
 *
 * @example
 * ```tsx
 * function BoardNames() {
 *   const { boards, status } = useBoards()
 *   if (!boards) return <p>{status.kind === 'denied' ? status.reason : 'Loading…'}</p>
 *   return boards.map(({ id, name }) => <p key={id}>{name}</p>)
 * }
 * ```
 */
export function useBoards(options: UseBoardsOptions = {}): BoardList {
  const events = useEvents(options)
  const byId = useWatched(events, watchBoards, (open) => open?.boards)
  const status = useWatched(events, watchStatus, (open) => open?.status ?? NOT_OPEN)
  const boards = useMemo(() => byId && [...byId.values()].sort(byLatestUpdate), [byId])
  return { boards, status }
}

/** The order of the API's list. */
function byLatestUpdate(a: BoardDetails, b: BoardDetails): number {
  return b.updatedAt.localeCompare(a.updatedAt) || b.id.localeCompare(a.id)
}
