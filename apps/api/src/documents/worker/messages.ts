import type { Desk } from './desk.ts'

/** What can be asked of the worker: a method of its desk, or a new desk. */
export type Call =
  | { [Method in keyof Desk]: { method: Method; args: Parameters<Desk[Method]> } }[keyof Desk]
  | { method: 'clear'; args: [] }

/** The answer to a call. Calls are made one at a time, so it names none. */
export type Answer = { result: unknown } | { error: string }
