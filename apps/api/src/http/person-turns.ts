import { ApiError } from './errors.ts'

/** The share of the database connections that work of one person may have. */
const SHARE_OF_CONNECTIONS = 1 / 3

/** Most requests of one person that wait while others of theirs are answered; a few KiB each. */
const MAX_WAITING = 1_000

/** When to try again where too many wait, seconds. */
const RETRY_AFTER_SECONDS = 5

/** Runs a piece of a person's work when it is their turn. @throws ApiError 429 */
export type PersonTurns = <Result>(person: string, work: () => Promise<Result>) => Promise<Result>

/**
 * Leaves connections to others: a change that waits for the lock of a row keeps its connection
 * meanwhile, and a read of thousands of rows takes a while, so many of one person would take them all.
 * They wait for each other without a connection, in the order in which they came.
 */
export function createPersonTurns({
  connections,
  of,
}: {
  connections: number
  of: 'changes' | 'reads'
}): PersonTurns {
  const limit = Math.max(1, Math.floor(connections * SHARE_OF_CONNECTIONS))
  const people = new Map<string, { running: number; waiting: (() => void)[] }>()

  return async (person, work) => {
    const turns = people.get(person) ?? { running: 0, waiting: [] }
    people.set(person, turns)
    if (turns.running < limit) turns.running++
    else if (turns.waiting.length < MAX_WAITING) {
      await new Promise<void>((resolve) => turns.waiting.push(resolve))
    } else {
      const detail = `You have too many ${of} in process; wait for some of them to finish`
      throw new ApiError(429, `too_many_${of}`, detail, {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      })
    }
    try {
      return await work()
    } finally {
      const next = turns.waiting.shift()
      if (next) next()
      else if (--turns.running === 0) people.delete(person)
    }
  }
}
