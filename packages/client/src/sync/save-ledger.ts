/**
 * Knows whether everything that was drawn here is stored. Counts the edit frames of a connection
 * as the gateway does (PROTOCOL.md, "Which edits are saved"). What is not stored is either
 *
 * - in no frame of this connection yet: `pending`, which the next update frame takes along, or
 *   `owed`, which only a sync step 2 brings; or
 * - in frames up to `#needed`, and the gateway has not said `saved` for these.
 */
export class SaveLedger {
  #isPending = false
  #isOwed = false
  #sent = 0
  #needed = 0
  #saved = 0
  /** What was refused up to this frame has been brought again, or given up. */
  #settled = 0

  get isSaved(): boolean {
    return !this.#isPending && !this.#isOwed && this.#needed <= this.#saved
  }

  /** Whether a sync step 2 has to bring what no frame brings else. */
  get isOwed(): boolean {
    return this.#isOwed
  }

  /** Something was drawn; the next update frame takes it along. */
  edited(): void {
    this.#isPending = true
  }

  /** Something was drawn that no update frame takes along. */
  owe(): void {
    this.#isOwed = true
  }

  /** An update frame left, with everything that was pending. */
  sentUpdate(): void {
    this.#sent++
    this.#isPending = false
    this.#needed = this.#sent
  }

  /** A sync step 2 left, with everything the gateway lacks. */
  sentStep2(): void {
    this.#sent++
    this.#settled = this.#sent - 1
    // It is counted by the gateway in any case, and waited for where it may have brought something.
    if (this.#isPending || this.#isOwed) this.#needed = this.#sent
    this.#isPending = false
    this.#isOwed = false
  }

  /** The gateway said up to which frame everything is stored. */
  acknowledge(saved: number): void {
    this.#saved = Math.max(this.#saved, saved)
  }

  /** The gateway refused a frame: unless that is settled, its edits have to be brought again. */
  refuse(seq: number): void {
    if (seq > this.#settled) this.#isOwed = true
  }

  /** The connection is gone; the next one counts anew. */
  reset(): void {
    if (!this.isSaved) this.#isOwed = true
    this.#isPending = false
    this.#sent = 0
    this.#needed = 0
    this.#saved = 0
    this.#settled = 0
  }

  /**
   * What no frame has brought is given up. What is in frames may be accepted yet, and then shows in
   * the document again: until the gateway says what became of them, that counts as not stored.
   */
  discard(): void {
    this.#isPending = false
    this.#isOwed = false
    this.#settled = this.#sent
  }
}
