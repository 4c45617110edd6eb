import type { WhiteboardClient } from '@mindfuse/testing'
import { syncDocument } from './continuous-edits.ts'

/** How often it makes an edit, milliseconds. */
const EDIT_INTERVAL_MS = 100

/** Draws small edits without a pause, and measures how long each takes until it is saved. */
export interface SavedPen {
  /** How long each edit took that is saved, milliseconds. */
  readonly savedMs: readonly number[]
  /** How many edits are not saved yet. */
  readonly unsaved: number
  /** How many edits were rejected. */
  readonly rejected: number
  /** Makes no further edit. */
  stop(): void
  destroy(): void
}

/** Starts a pen on a connection that has made no edit yet. */
export function startSavedPen(client: WhiteboardClient): SavedPen {
  const { socket, messages } = client
  /** When each frame that is not saved was sent: the reply to the first sync step 1, then edits. */
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
  const doc = syncDocument(client)
  sentAt.push(performance.now())
  const timer = setInterval(() => {
    doc.getArray('strokes').push([sentAt.length])
    sentAt.push(performance.now())
  }, EDIT_INTERVAL_MS)
  const stop = () => clearInterval(timer)
  return {
    savedMs,
    get unsaved() {
      return sentAt.length
    },
    get rejected() {
      return messages.filter(({ type }) => type === 'sync:rejected').length
    },
    stop,
    destroy() {
      stop()
      client.destroy()
    },
  }
}
