import type { Doc, Transaction } from 'yjs'

/**
 * Detects that Yjs failed. An exception in the cleanup of a transaction leaves a document that can
 * still be changed and never emits `update` again: its edits would reach nobody. Yjs runs transactions
 * and their cleanup in one go, so a batch that has begun and has not ended by the next microtask never
 * ends.
 */
export class TransactionWatch {
  readonly #onFailure: (cause: unknown) => void
  #isOpen = false
  #hasLocal = false
  #hasFailed = false

  constructor(doc: Doc, onFailure: (cause: unknown) => void) {
    this.#onFailure = onFailure
    doc.on('beforeAllTransactions', () => {
      this.#isOpen = true
      queueMicrotask(() => this.#check())
    })
    doc.on('beforeTransaction', ({ local }: Transaction) => {
      if (local) this.#hasLocal = true
    })
    doc.on('afterAllTransactions', () => {
      this.#isOpen = false
      this.#hasLocal = false
    })
  }

  /** Whether a transaction, or its cleanup, is running or was aborted by an exception. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** Whether a local change was made that has produced no update, or not yet. */
  get hasSilentEdit(): boolean {
    return this.#isOpen && this.#hasLocal
  }

  /** The document can no longer be used. Reported once. */
  fail(cause: unknown): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#onFailure(cause)
  }

  #check(): void {
    if (this.#isOpen) this.fail(new Error('A transaction did not end'))
  }
}
