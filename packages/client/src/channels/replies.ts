import type { ChannelReceived } from '@mindfuse/protocol'

/** What a question about a channel was answered. */
export type Answer = { status: 'ok' | 'timed out' } | { status: 'error'; code: string }

interface Waiting {
  onAnswer: (answer: Answer) => void
  timer: ReturnType<typeof setTimeout> | undefined
}

/** The questions of one connection that wait for their answers, by their numbers. */
export class Replies {
  readonly #waiting = new Map<number, Waiting>()
  #lastRef = 0

  /** Calls `onAnswer` once. @returns the number to ask with */
  expect(onAnswer: (answer: Answer) => void, timeoutMs?: number): number {
    const ref = ++this.#lastRef
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => this.#settle(ref, { status: 'timed out' }), timeoutMs)
    this.#waiting.set(ref, { onAnswer, timer })
    return ref
  }

  /** It was not asked. */
  forget(ref: number): void {
    clearTimeout(this.#waiting.get(ref)?.timer)
    this.#waiting.delete(ref)
  }

  /** An answer arrived. @returns whether it was waited for */
  receive(message: Extract<ChannelReceived, { ref?: number }>): boolean {
    const { ref } = message
    if (ref === undefined) return false
    const isRefusal = message.type === 'channel:reply' && message.status === 'error'
    return this.#settle(ref, isRefusal ? { status: 'error', code: message.code } : { status: 'ok' })
  }

  /** The connection has ended: nothing will be answered. */
  lose(): void {
    for (const ref of [...this.#waiting.keys()]) {
      this.#settle(ref, { status: 'error', code: 'network_error' })
    }
  }

  #settle(ref: number, answer: Answer): boolean {
    const waiting = this.#waiting.get(ref)
    if (!waiting) return false
    this.#waiting.delete(ref)
    clearTimeout(waiting.timer)
    waiting.onAnswer(answer)
    return true
  }
}
