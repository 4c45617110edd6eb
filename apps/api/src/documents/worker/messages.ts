import type { DocumentOperations } from './operations.ts'

/** What a worker process can be asked: an operation on its documents, or that they be cleared. */
export type Call =
  | {
      [Method in keyof DocumentOperations]: {
        method: Method
        args: Parameters<DocumentOperations[Method]>
      }
    }[keyof DocumentOperations]
  | { method: 'clear'; args: [] }

/** The answer to a call. Calls are answered in their order, so neither names the other. */
export type Answer = { result: unknown } | { error: string }
