import type { ServerMessage } from '@mindfuse/protocol'
import type { Flushable } from '../flush-window.ts'
import type { EditLedger } from './edit-ledger.ts'

/** The `sync:ack` of one connection: sent when its window ends, where it has changed since the last. */
export class Acknowledgement implements Flushable {
  readonly #ledger: EditLedger
  readonly #send: (message: ServerMessage) => void
  #received = 0
  #saved = 0

  constructor(ledger: EditLedger, send: (message: ServerMessage) => void) {
    this.#ledger = ledger
    this.#send = send
  }

  flush(): void {
    const { received, saved } = this.#ledger.position
    if (received === this.#received && saved === this.#saved) return
    this.#received = received
    this.#saved = saved
    this.#send({ type: 'sync:ack', received, saved })
  }
}
