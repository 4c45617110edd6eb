import { encodeAwareness, MAX_AWARENESS_BYTES } from '@mindfuse/protocol'
import {
  type Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from 'y-protocols/awareness'
import { MindfuseError } from '../errors.ts'
import { REMOTE_ORIGIN } from '../sync/doc-sync.ts'
import { Throttle } from './throttle.ts'

/** How often one's state leaves at most, milliseconds; bindings change it at every move. */
const INTERVAL_MS = 33

const QUERY_AWARENESS = Uint8Array.of(3)

/** Carries a y-protocols Awareness over the line, for bindings that know no other presence. */
export class AwarenessRelay {
  readonly #awareness: Awareness
  readonly #send: (frame: Uint8Array) => boolean
  readonly #onError: (error: MindfuseError) => void
  readonly #throttle = new Throttle(
    () => this.#sendOwn(),
    () => INTERVAL_MS,
  )

  constructor(
    awareness: Awareness,
    options: { send: (frame: Uint8Array) => boolean; onError: (error: MindfuseError) => void },
  ) {
    this.#awareness = awareness
    this.#send = options.send
    this.#onError = options.onError
    awareness.on('update', (_changes: unknown, origin: unknown) => {
      if (origin !== REMOTE_ORIGIN) this.#throttle.request()
    })
    awareness.on('destroy', () => this.#throttle.cancel())
  }

  /** There is a line: shows one's state on it and asks for everybody's. */
  open(): void {
    const { clientID, meta } = this.#awareness
    const own = meta.get(clientID)
    // When the last line ended, the others heard of the clock that follows: only a higher one counts.
    if (own) own.clock++
    this.#awareness.setLocalState(this.#awareness.getLocalState())
    this.#send(QUERY_AWARENESS)
  }

  /** The line is gone, and the others with it. */
  down(): void {
    const { clientID, states, meta } = this.#awareness
    const others = [...states.keys()].filter((id) => id !== clientID)
    removeAwarenessStates(this.#awareness, others, REMOTE_ORIGIN)
    // Or whoever did not move meanwhile would stay unseen: their clock is what it was.
    for (const id of others) meta.delete(id)
    this.#throttle.cancel()
  }

  receive(update: Uint8Array): void {
    applyAwarenessUpdate(this.#awareness, update, REMOTE_ORIGIN)
  }

  /** Says that one is gone, and ends. */
  close(): void {
    this.#awareness.setLocalState(null)
    this.#sendOwn()
    this.#awareness.destroy()
  }

  #sendOwn(): void {
    const update = encodeAwarenessUpdate(this.#awareness, [this.#awareness.clientID])
    if (update.length > MAX_AWARENESS_BYTES) {
      // Sent, it would end the connection for good.
      const limit = `an awareness state has at most ${MAX_AWARENESS_BYTES} bytes`
      this.#onError(new MindfuseError('awareness_too_large', limit))
      return
    }
    this.#send(encodeAwareness(update))
  }
}
