import { Person } from './person.ts'

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

  /** Something of a person's was released. */
  forgetIfIdle(person: Person): void {
    if (person.isIdle) this.#byId.delete(person.userId)
  }
}
