import type { DocumentOperations } from './operations.ts'

/** What can be asked of the worker: an operation on its documents, or that they be cleared. */
export type Call =
  | {
      [Method in keyof DocumentOperations]: {
        method: Method
        args: Parameters<DocumentOperations[Method]>
      }
    }[keyof DocumentOperations]
  | { method: 'clear'; args: [] }

/** The answer to a call. Calls are made one at a time, so it names none. */
export type Answer = { result: unknown } | { error: string }
