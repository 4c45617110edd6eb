/** Frames of a kind and their bytes. Plain numbers: each recipient of a fan-out adds to them. */
export class Traffic {
  frames = 0
  bytes = 0

  /** @returns how many frames there were, this one included */
  add(bytes: number): number {
    this.bytes += bytes
    return ++this.frames
  }
}

/** Received from clients. */
export class Received {
  readonly binary = new Traffic()
  readonly text = new Traffic()
}

/** Awareness that was not handled as it arrived. */
export class AwarenessOutcomes {
  /** Frames over a rate, of which only the newest state of each client counts. */
  conflated = 0
  /** Frames over the size of one, and states that there is no room for. */
  dropped = 0
}

/** State that a newer frame replaces, so that readers who are behind are not sent it. */
export type StateKind = 'awareness' | 'presence' | 'draft'

/** Sent to clients, by content. */
export class Sent {
  readonly sync = new Traffic()
  readonly awareness = new Traffic()
  readonly presence = new Traffic()
  readonly draft = new Traffic()
  readonly broadcast = new Traffic()
  /** All other text. */
  readonly message = new Traffic()
  /** Presence, awareness, draft and broadcast frames that readers were too far behind for. */
  shed = 0
}
