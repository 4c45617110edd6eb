import { Person } from './person.ts'

/** Less than this is forgotten with the last connection, milliseconds. */
const MIN_OWED_MS = 1_000

/** Everybody who uses anything on this gateway. A person is made once admitted, and forgotten when idle. */
export class People {
  readonly #byId = new Map<string, Person>()

  /** Someone who was admitted. */
  of(userId: string): Person {
    const known = this.#byId.get(userId)
    if (known) return known
    const person = new Person(userId)
    this.#byId.set(userId, person)
    return person
  }

  /** Someone who may use nothing at all. */
  find(userId: string): Person | undefined {
    return this.#byId.get(userId)
  }

  /** Something of a person's was released. What they used is remembered until it is paid for. */
  forgetIfIdle(person: Person): void {
    if (!person.isIdle || this.#byId.get(person.userId) !== person) return
    const owedMs = person.owedMs(performance.now())
    if (owedMs < MIN_OWED_MS) this.#byId.delete(person.userId)
    else setTimeout(() => this.forgetIfIdle(person), owedMs).unref()
  }
}
