import { type AnnouncedLimits, encodeAwareness, MAX_AWARENESS_BYTES } from '@mindfuse/protocol'
import {
  type Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from 'y-protocols/awareness'
import { MindfuseError } from '../errors.ts'
import { REMOTE_ORIGIN } from '../sync/origins.ts'
import { Throttle } from './throttle.ts'

/** Shortest interval between two updates, milliseconds; bindings change their state at every move. */
const INTERVAL_MS = 33

const QUERY_AWARENESS = Uint8Array.of(3)

/** Sends and receives a y-protocols Awareness, for bindings that know no other presence. */
export class AwarenessRelay {
  readonly #awareness: Awareness
  readonly #send: (frame: Uint8Array) => boolean
  readonly #onError: (error: MindfuseError) => void
  readonly #throttle = new Throttle(
    () => this.#sendOwn(),
    () => INTERVAL_MS,
  )
  #maxBytes = MAX_AWARENESS_BYTES

  constructor(
    awareness: Awareness,
    options: { send: (frame: Uint8Array) => boolean; onError: (error: MindfuseError) => void },
  ) {
    this.#awareness = awareness
    this.#send = options.send
    this.#onError = options.onError
    awareness.on('update', ({ removed }: { removed: number[] }, origin: unknown) => {
      // The gateway asks for the local state by its removal, which the Awareness answers with a new clock.
      const isAsked = removed.includes(awareness.clientID)
      if (isAsked || origin !== REMOTE_ORIGIN) this.#throttle.request()
    })
    awareness.on('destroy', () => this.#throttle.cancel())
  }

  /** The board is online: sends the local state and asks for all others. */
  open({ maxAwarenessBytes }: Pick<AnnouncedLimits, 'maxAwarenessBytes'>): void {
    this.#maxBytes = maxAwarenessBytes
    const { clientID, meta } = this.#awareness
    const own = meta.get(clientID)
    // When the last connection ended, the gateway sent the others a removal with the next clock.
    if (own) own.clock++
    this.#awareness.setLocalState(this.#awareness.getLocalState())
    this.#send(QUERY_AWARENESS)
  }

  /** The connection is gone, and with it all remote states. */
  disconnected(): void {
    const { clientID, states, meta } = this.#awareness
    const others = [...states.keys()].filter((id) => id !== clientID)
    removeAwarenessStates(this.#awareness, others, REMOTE_ORIGIN)
    // Else a client that did not move meanwhile would stay hidden: its clock is the same.
    for (const id of others) meta.delete(id)
    this.#throttle.cancel()
  }

  receive(update: Uint8Array): void {
    applyAwarenessUpdate(this.#awareness, update, REMOTE_ORIGIN)
  }

  /** Announces the removal of the local state, and stops. */
  close(): void {
    this.#awareness.setLocalState(null)
    this.#sendOwn()
    this.#awareness.destroy()
  }

  #sendOwn(): void {
    const update = encodeAwarenessUpdate(this.#awareness, [this.#awareness.clientID])
    if (update.length > this.#maxBytes) {
      // If it were sent, the gateway would drop it, and others would keep the state before.
      const limit = `An awareness state has at most ${this.#maxBytes} bytes`
      this.#onError(new MindfuseError('awareness_too_large', limit))
      return
    }
    this.#send(encodeAwareness(update))
  }
}
