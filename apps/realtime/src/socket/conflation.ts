import type { Connection } from '../connection/connection.ts'

/** For how long messages over their rate are deferred, milliseconds. */
const CONFLATION_WINDOW_MS = 33

/** A message, as far as it matters here. */
interface Typed {
  type: string
}

/** Bounds text frames: of those over their rate only the newest of each type in a window counts. */
export class Conflation<Message extends Typed> {
  /** The newest deferred message of each type: a cursor replaces no viewport. */
  readonly #deferred = new Map<Connection, Map<string, Message>>()

  /** Hands a message to `handle`, at once where it is within its rate. */
  receive(from: Connection, message: Message, handle: (message: Message) => void): void {
    const deferred = this.#deferred.get(from)
    if (from.rates.presence.take()) {
      deferred?.delete(message.type)
      handle(message)
    } else if (deferred) {
      deferred.set(message.type, message)
    } else {
      this.#deferred.set(from, new Map([[message.type, message]]))
      setTimeout(() => this.#flush(from, handle), CONFLATION_WINDOW_MS)
    }
  }

  #flush(from: Connection, handle: (message: Message) => void): void {
    const deferred = this.#deferred.get(from)
    this.#deferred.delete(from)
    for (const newest of deferred?.values() ?? []) if (!from.isClosed) handle(newest)
  }
}
