import type { Doc } from 'yjs'
import type { Edit } from './edits.ts'
import type { Random } from './random.ts'

/** Somebody's open page of a board. */
export interface Tab {
  readonly name: string
  readonly doc: Doc
  /** All that was drawn here, in order. */
  readonly edits: readonly Edit[]
  /** What the gateway said here that it must not say. */
  readonly faults: string[]
  /** Whether it is connected and waits for nothing. */
  readonly isSettled: boolean
  /** For reports of why it is not settled. */
  readonly state: string
  /** Makes one random edit. */
  write(): void
  /** Tries again after a close that a client takes for final. */
  comeBack(): void
  /** Ends it without a goodbye, and with it all that only it knew. */
  kill(): void
}

/** What a tab is opened with. */
export interface TabOptions {
  name: string
  boardId: string
  token: string
  /** The gateway to go to, asked at each connection. Ends in `/ws`. */
  realtimeUrl: () => string
  random: Random
  /** Whether its person may be told that they have no access. */
  mayLoseAccess?: boolean
}
