import { type EditRefusal, encodePermissionDenied } from '@mindfuse/protocol'
import type { Connection } from '../connection/connection.ts'

/** A client without text frames is told a reason again after this time, milliseconds. */
const NOTICE_INTERVAL_MS = 5_000

/** Tells clients why their edits are refused: each of those with text frames, the others now and then. */
export class RefusalNotices {
  readonly #sentAt = new WeakMap<Connection, Map<EditRefusal, number>>()
  readonly #now: () => number

  /** `now` is in milliseconds, for tests. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** @param seq the number of the edit frame; 0 for one that did not arrive */
  send(to: Connection, code: EditRefusal, seq: number): void {
    if (to.hasText) to.sendMessage({ type: 'sync:rejected', seq, code })
    else if (this.#isDue(to, code)) to.send(encodePermissionDenied(code))
  }

  /** A stock provider prints it, and a viewer's sends all of its edits all the same. */
  #isDue(to: Connection, code: EditRefusal): boolean {
    const sentAt = this.#sentAt.get(to) ?? new Map<EditRefusal, number>()
    const last = sentAt.get(code)
    const now = this.#now()
    if (last !== undefined && (code === 'read_only' || now - last < NOTICE_INTERVAL_MS))
      return false
    this.#sentAt.set(to, sentAt.set(code, now))
    return true
  }
}
