import type { WhiteboardClient } from '@mindfuse/testing'
import { syncDocument } from './continuous-edits.ts'

/** How often it makes an edit, milliseconds. */
const EDIT_INTERVAL_MS = 100

/** How long the edits of a client take until they are saved. */
export interface SavedTimes {
  /** How long each edit took that is saved, or that was refused behind one that is, milliseconds. */
  readonly savedMs: readonly number[]
  /** How many edits are not saved yet. */
  readonly unsaved: number
  /** A frame with an edit was sent. */
  sent(): void
}

/** Measures on a connection that has sent no edit yet. */
export function measureSaved({ socket }: WhiteboardClient): SavedTimes {
  const sentAt: number[] = []
  const savedMs: number[] = []
  let saved = 0
  socket.on('message', (data, isBinary) => {
    if (isBinary) return
    const message = JSON.parse(data.toString()) as { type: string; saved?: number }
    if (message.type !== 'sync:ack') return
    for (; saved < (message.saved ?? 0); saved++) {
      savedMs.push(performance.now() - (sentAt.shift() ?? Number.NaN))
    }
  })
  return {
    savedMs,
    get unsaved() {
      return sentAt.length
    },
    sent: () => void sentAt.push(performance.now()),
  }
}

/** Draws small edits without a pause, and measures how long each takes until it is saved. */
export interface SavedPen extends Pick<SavedTimes, 'savedMs' | 'unsaved'> {
  /** How many edits were rejected. */
  readonly rejected: number
  /** Makes no further edit. */
  stop(): void
  destroy(): void
}

/** Starts a pen on a connection that has made no edit yet. */
export function startSavedPen(client: WhiteboardClient): SavedPen {
  const times = measureSaved(client)
  const doc = syncDocument(client)
  // The reply to the first sync step 1.
  times.sent()
  const timer = setInterval(() => {
    doc.getArray('strokes').push([times.savedMs.length])
    times.sent()
  }, EDIT_INTERVAL_MS)
  const stop = () => clearInterval(timer)
  return {
    savedMs: times.savedMs,
    get unsaved() {
      return times.unsaved
    },
    get rejected() {
      return client.messages.filter(({ type }) => type === 'sync:rejected').length
    },
    stop,
    destroy() {
      stop()
      client.destroy()
    },
  }
}
