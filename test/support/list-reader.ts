import { type EventStream, openEvents, type StreamEvent } from './event-stream.ts'

/** A person's board list, assembled from event streams that break and resume. */
export interface ListReader {
  /** Whether a stream of it is open. */
  readonly isOpen: boolean
  /** The events of each of its streams, in the order of opening. */
  readonly heard: readonly (readonly StreamEvent[])[]
  /** Opens a stream unless one is open, and resumes where the one before ended. */
  open(apiUrl: string): Promise<void>
  close(): void
  /** The boards by their ids, as received; undefined before the first list. */
  boards(): Map<string, unknown> | undefined
  /** The updates of boards since the last list, by the change's number. */
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
        // The API is being killed: the caller opens the stream again later.
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
