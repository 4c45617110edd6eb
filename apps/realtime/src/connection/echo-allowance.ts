import { AWARENESS_BURST, AWARENESS_PER_SECOND } from '@mindfuse/protocol'
import { TokenBucket } from './token-bucket.ts'

/**
 * How many awareness frames that change nothing a connection may send: so many a second, and one for
 * each that it was sent, because the stock provider sends back what it receives.
 */
export class EchoAllowance {
  #bucket: TokenBucket | undefined
  /** Awareness frames sent to it since its last echo. */
  #expected = 0

  /** An awareness frame was sent, and may come back. */
  expect(): void {
    this.#expected++
  }

  /** @returns whether an echo is within the allowance */
  take(): boolean {
    this.#bucket ??= new TokenBucket(AWARENESS_PER_SECOND, AWARENESS_BURST)
    this.#bucket.give(this.#expected)
    this.#expected = 0
    return this.#bucket.take()
  }
}
