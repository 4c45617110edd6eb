import type { BatchedUpdate } from '@mindfuse/internal'
import { MAX_UNSAVED_BYTES } from '@mindfuse/protocol'
import { isShareUsedUp } from '@mindfuse/service-kit'
import type { People } from '../person/people.ts'

/** Most unsaved updates: each takes some hundred bytes of memory besides its own. */
const MAX_UNSAVED_UPDATES = 250_000

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

  /** Whether so much of it is one person's that no further edit of theirs should be accepted. */
  isShareUsedUp(userId: string): boolean {
    const person = this.#people.find(userId)
    if (!person) return false
    const { unsavedBytes, unsavedUpdates } = person
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
