import { decodeFrame, encodeSyncStep2, encodeUpdate } from '@mindfuse/protocol'
import type { RawClient } from '@mindfuse/testing'
import { applyUpdate, Doc, encodeStateAsUpdate } from 'yjs'

/** How often a pen makes an edit, milliseconds: well below the rate that is allowed. */
const STROKE_INTERVAL_MS = 20

const REMOTE = 'remote'

/** Draws without a pause: each edit carries the pen's name and the time it was made at. */
export interface Pen {
  /** When it made its last edit, milliseconds since 1970. */
  readonly lastAt: number
  destroy(): void
}

/** Starts a pen that draws into a document. */
export function startPen(doc: Doc, name: string): Pen {
  const strokes = strokesOf(doc)
  const pen = {
    lastAt: 0,
    destroy: () => clearInterval(timer),
  }
  const timer = setInterval(() => {
    pen.lastAt = Date.now()
    strokes.push([[name, pen.lastAt]])
  }, STROKE_INTERVAL_MS)
  return pen
}

/** When the last of a pen's edits that a document holds was made; 0 where there is none. */
export function lastStroke(doc: Doc, name: string): number {
  let last = 0
  for (const [pen, at] of strokesOf(doc)) if (pen === name) last = Math.max(last, at)
  return last
}

const strokesOf = (doc: Doc) => doc.getArray<[name: string, at: number]>('strokes')

/** Keeps a document in sync over a bare socket, as any Yjs client does. */
export function syncDocument({ socket, frames }: RawClient): Doc {
  const doc = new Doc()
  doc.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin !== REMOTE && socket.readyState === socket.OPEN) socket.send(encodeUpdate(update))
  })
  const receive = (bytes: Uint8Array) => {
    const frame = decodeFrame(bytes)
    if (frame.kind === 'sync-step-1') {
      socket.send(encodeSyncStep2(encodeStateAsUpdate(doc, frame.stateVector)))
    } else if (frame.kind === 'sync-step-2' || frame.kind === 'update') {
      applyUpdate(doc, frame.update, REMOTE)
    }
  }
  for (const frame of frames) receive(frame)
  socket.on('message', (data, isBinary) => {
    if (isBinary) receive(new Uint8Array(data as Buffer))
  })
  return doc
}
