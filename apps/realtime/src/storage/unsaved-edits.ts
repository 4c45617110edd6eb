import type { BatchedUpdate } from '@mindfuse/internal'
import { MAX_UNSAVED_BYTES } from '@mindfuse/protocol'
import { isShareUsedUp } from '@mindfuse/service-kit'
import type { People } from '../person/people.ts'

/** Most unsaved updates: each takes some hundred bytes of memory besides its own. */
const MAX_UNSAVED_UPDATES = 250_000

/** A quarter of all is left to edits that are smaller than this, bytes. */
const LARGE_EDIT_BYTES = 64 * 1024
const MAX_UNSAVED_BYTES_LARGE = MAX_UNSAVED_BYTES * (3 / 4)

/** What a person or a board has to store. */
interface Unsaved {
  unsavedBytes: number
  unsavedUpdates: number
}

/** Counts the edits that are not stored yet, of all boards and of each person. */
export class UnsavedEdits {
  readonly #people: People
  #bytes = 0
  #updates = 0

  constructor(people: People) {
    this.#people = people
  }

  /** The updates' own bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether so much is unsaved that no further edit should be accepted. */
  get isFull(): boolean {
    return this.#bytes >= MAX_UNSAVED_BYTES || this.#updates >= MAX_UNSAVED_UPDATES
  }

  /** The same for an edit of so many bytes: large ones leave room for small ones. */
  isFullFor(bytes: number): boolean {
    if (bytes < LARGE_EDIT_BYTES) return this.isFull
    return this.isFull || this.#bytes + bytes > MAX_UNSAVED_BYTES_LARGE
  }

  /** Whether so much of it is one person's that no further edit of theirs should be accepted. */
  isShareUsedUp(userId: string): boolean {
    const person = this.#people.find(userId)
    return person !== undefined && this.#isShareUsedUp(person)
  }

  /** Whether so much of it is one board's that no further edit of it should be accepted. */
  isBoardShareUsedUp(board: Unsaved): boolean {
    return this.#isShareUsedUp(board)
  }

  #isShareUsedUp({ unsavedBytes, unsavedUpdates }: Unsaved): boolean {
    return (
      isShareUsedUp({ used: unsavedBytes, total: this.#bytes, most: MAX_UNSAVED_BYTES }) ||
      isShareUsedUp({ used: unsavedUpdates, total: this.#updates, most: MAX_UNSAVED_UPDATES })
    )
  }

  add({ userId, update }: BatchedUpdate): void {
    const person = this.#people.of(userId)
    person.unsavedBytes += update.length
    person.unsavedUpdates++
    this.#bytes += update.length
    this.#updates++
  }

  remove(updates: readonly BatchedUpdate[]): void {
    for (const { userId, update } of updates) {
      const person = this.#people.of(userId)
      person.unsavedBytes -= update.length
      person.unsavedUpdates--
      this.#people.forgetIfIdle(person)
      this.#bytes -= update.length
    }
    this.#updates -= updates.length
  }
}
