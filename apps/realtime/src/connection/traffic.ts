/** What a frame to a client carries. `message` is all other text. */
export const SENT_KINDS = ['sync', 'awareness', 'presence', 'broadcast', 'message'] as const

/** One of {@link SENT_KINDS}. */
export type SentKind = (typeof SENT_KINDS)[number]

const zeros = (): Record<SentKind, number> => ({
  sync: 0,
  awareness: 0,
  presence: 0,
  broadcast: 0,
  message: 0,
})

/** What came of clients, binary and text. Plain numbers, because each frame adds to them. */
export class Received {
  readonly frames = { binary: 0, text: 0 }
  readonly bytes = { binary: 0, text: 0 }

  /** @returns how many frames of this kind there were, this one included */
  add(kind: 'binary' | 'text', bytes: number): number {
    this.bytes[kind] += bytes
    return ++this.frames[kind]
  }
}

/** What left for clients. Plain numbers, because each reader of a fan-out adds to them. */
export class Sent {
  readonly frames = zeros()
  readonly bytes = zeros()
  /** Presence, awareness and broadcast frames that readers were too far behind for. */
  shed = 0

  add(kind: SentKind, bytes: number): void {
    this.frames[kind]++
    this.bytes[kind] += bytes
  }
}
