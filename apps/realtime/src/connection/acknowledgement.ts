import type { ServerMessage } from '@mindfuse/protocol'
import type { Flushable } from '../flush-window.ts'
import type { EditLedger } from './edit-ledger.ts'

/** The connection. A closure over it would cost each connection 120 bytes. */
interface Sender {
  sendMessage(message: ServerMessage): void
}

/** The `sync:ack` of one connection: sent when its window ends, where it has changed since the last. */
export class Acknowledgement implements Flushable {
  readonly #ledger: EditLedger
  readonly #sender: Sender
  #received = 0
  #saved = 0

  constructor(ledger: EditLedger, sender: Sender) {
    this.#ledger = ledger
    this.#sender = sender
  }

  flush(): void {
    const { received, saved } = this.#ledger.position
    if (received === this.#received && saved === this.#saved) return
    this.#received = received
    this.#saved = saved
    this.#sender.sendMessage({ type: 'sync:ack', received, saved })
  }
}
