/**
 * Knows whether every local edit is saved. Counts the edit frames of a connection as the gateway does
 * (PROTOCOL.md, "Which edits are saved"). An unsaved edit is either
 *
 * - in no frame of this connection yet: `pending`, and sent with the next update frame, or `unsent`,
 *   and sent only with a sync step 2; or
 * - in a frame up to `#needed` that the gateway has not acknowledged as saved.
 */
export class SaveLedger {
  #hasPending = false
  #hasUnsent = false
  #sent = 0
  #needed = 0
  #saved = 0
  /** Rejected edits up to this frame were sent again, or discarded. */
  #settled = 0

  get isSaved(): boolean {
    return !this.#hasPending && !this.#hasUnsent && this.#needed <= this.#saved
  }

  /** Whether an edit has to be sent with a sync step 2. */
  get hasUnsent(): boolean {
    return this.#hasUnsent
  }

  /** An edit was made; the next update frame contains it. */
  edited(): void {
    this.#hasPending = true
  }

  /** An edit was made that no update frame will contain. */
  markUnsent(): void {
    this.#hasUnsent = true
  }

  /** An update frame with every pending edit was sent. */
  sentUpdate(): void {
    this.#sent++
    this.#hasPending = false
    this.#needed = this.#sent
  }

  /** A sync step 2 with everything that the gateway lacks was sent. */
  sentStep2(): void {
    this.#sent++
    this.#settled = this.#sent - 1
    // The gateway counts it in any case; its acknowledgement matters only if it contained edits.
    if (this.#hasPending || this.#hasUnsent) this.#needed = this.#sent
    this.#hasPending = false
    this.#hasUnsent = false
  }

  /** The gateway has stored all frames up to this one. */
  acknowledge(saved: number): void {
    this.#saved = Math.max(this.#saved, saved)
  }

  /** The gateway rejected a frame: unless that is settled, its edits have to be sent again. */
  reject(seq: number): void {
    if (seq > this.#settled) this.#hasUnsent = true
  }

  /** The connection is gone; the next one counts from the start. */
  reset(): void {
    if (!this.isSaved) this.#hasUnsent = true
    this.#hasPending = false
    this.#sent = 0
    this.#needed = 0
    this.#saved = 0
    this.#settled = 0
  }

  /**
   * Discards edits that no frame contains. Those in frames may still be accepted, and then reappear in
   * the document: they count as unsaved until the gateway acknowledges or rejects them.
   */
  discard(): void {
    this.#hasPending = false
    this.#hasUnsent = false
    this.#settled = this.#sent
  }
}
