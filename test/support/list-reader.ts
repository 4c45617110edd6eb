import { type EventStream, openEvents, type StreamEvent } from './event-stream.ts'

/** Somebody's board list, put together from event streams that come and go. */
export interface ListReader {
  /** Whether a stream of it is open. */
  readonly isOpen: boolean
  /** What each of its streams told, the first first. */
  readonly heard: readonly (readonly StreamEvent[])[]
  /** Opens a stream where there is none, and goes on where the one before ended. */
  open(apiUrl: string): Promise<void>
  close(): void
  /** The boards by their ids, as told; undefined before the first list. */
  boards(): Map<string, unknown> | undefined
  /** What was told of each board since the list came last, by the change's number. */
  updatesSinceList(): { eventId: number; boardId: string }[]
}

/** @param token whose list it is */
export function createListReader(token: string): ListReader {
  const streams: EventStream[] = []
  let isOpening = false
  const all = () => streams.flatMap(({ events }) => events)

  return {
    get isOpen() {
      return streams.at(-1)?.isEnded === false
    },
    get heard() {
      return streams.map(({ events }) => events)
    },
    async open(apiUrl) {
      if (isOpening || this.isOpen) return
      isOpening = true
      try {
        const known = streams.findLast(({ lastEventId }) => lastEventId !== '')
        const stream = await openEvents(apiUrl, {
          token,
          ...(known && { lastEventId: known.lastEventId }),
        })
        if (stream.status === 200) streams.push(stream)
      } catch {
        // The API is being killed: whoever wants the stream opens it another time.
      } finally {
        isOpening = false
      }
    },
    close: () => streams.at(-1)?.close(),
    boards() {
      let boards: Map<string, unknown> | undefined
      for (const { name, data } of all()) {
        if (name === 'boards:initial') {
          boards = new Map(data.items.map((item: { id: string }) => [item.id, item]))
        } else if (name === 'boards:update') {
          if (data.type === 'delete') boards?.delete(data.data.id)
          else boards?.set(data.data.id, data.data)
        }
      }
      return boards
    },
    updatesSinceList() {
      const events = all()
      const list = events.findLastIndex(({ name }) => name === 'boards:initial')
      return events
        .slice(list + 1)
        .filter(({ name }) => name === 'boards:update')
        .map(({ data }) => ({ eventId: Number(data.eventId), boardId: data.data.id }))
    },
  }
}
