/** What streams send; each is an event of `text/event-stream`. */
export type StreamEventName =
  | 'resumed'
  | 'boards:initial'
  | 'boards:update'
  | 'members:update'
  | 'workspaces:update'
  | 'invites:update'
  | 'memberships:update'
  | 'error'

/** Bytes of one or more events, and how many of each kind they are. */
export interface Chunk {
  bytes: Buffer
  names: readonly StreamEventName[]
}

/** A line that clients leave out, so that whatever lies between sees the connection used. */
export const COMMENT = ':\n\n'

/** Moves a client's last event id on without an event: there was nothing for it up to here. */
export function positionFrame(id: number): string {
  return `id: ${id}\n\n`
}

/** One event. JSON has no line breaks of its own, so the data is one line. */
export function eventFrame(event: { name: StreamEventName; id?: number; json: string }): string {
  const id = event.id === undefined ? '' : `id: ${event.id}\n`
  return `${id}event: ${event.name}\ndata: ${event.json}\n\n`
}

/** How long a client waits before it connects again, milliseconds. */
export function retryFrame(ms: number): string {
  return `retry: ${Math.round(ms)}\n\n`
}
