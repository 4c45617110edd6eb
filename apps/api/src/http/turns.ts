import { ApiError, overloaded } from './errors.ts'

/** The share of the database connections that work under one key may have. */
const SHARE_OF_CONNECTIONS = 1 / 3

/** How many of so many database connections work under one key may have. */
export function shareOf(connections: number): number {
  return Math.max(1, Math.floor(connections * SHARE_OF_CONNECTIONS))
}

/** Most requests under one key that wait while others are answered; a few KiB each. */
const MAX_WAITING = 1_000

/** How long a request waits for its turn, milliseconds: as long as a statement may run. */
const MAX_WAIT_MS = 10_000

/** When to try again where too many wait, seconds. */
const RETRY_AFTER_SECONDS = 5

/**
 * Runs a piece of work when it is its turn among those with the same key.
 * @throws ApiError where too many wait, 503 where it waits for too long
 */
export type Turns = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>

/**
 * Leaves connections to others: a change that waits for the lock of a row keeps its connection
 * meanwhile, and a read of thousands of rows takes a while, so many of one person, or many people's of
 * one board, would take them all. They wait for each other without a connection, in the order in which
 * they came.
 *
 * @param options.atOnce how much work under one key runs at a time, see {@link shareOf}
 * @param options.maxWaiting behind how many others a request waits, {@link MAX_WAITING} by default
 * @param options.tooMany what further ones are refused with
 * @param options.tooLate what those are refused with that wait too long, by default as the database is busy
 */
export function createTurns({
  atOnce,
  maxWaiting = MAX_WAITING,
  tooMany,
  tooLate = overloaded,
}: {
  atOnce: number
  maxWaiting?: number
  tooMany: () => ApiError
  tooLate?: () => ApiError
}): Turns {
  const keys = new Map<string, { running: number; waiting: Set<() => void> }>()

  return async (key, work) => {
    const turns = keys.get(key) ?? { running: 0, waiting: new Set() }
    keys.set(key, turns)
    if (turns.running < atOnce) turns.running++
    else if (turns.waiting.size < maxWaiting) await untilNext(turns.waiting, tooLate)
    else throw tooMany()
    try {
      return await work()
    } finally {
      const [next] = turns.waiting
      if (next) next()
      else if (--turns.running === 0) keys.delete(key)
    }
  }
}

/** Waits as the last of these. @throws ApiError where that takes too long */
function untilNext(waiting: Set<() => void>, tooLate: () => ApiError): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = () => {
      clearTimeout(timer)
      waiting.delete(next)
      resolve()
    }
    const timer = setTimeout(() => {
      waiting.delete(next)
      reject(tooLate())
    }, MAX_WAIT_MS)
    waiting.add(next)
  })
}

/** The refusal of a person with too many changes or reads at a time. */
export function tooManyOf(what: 'changes' | 'reads'): () => ApiError {
  const detail = `You have too many ${what} in process; wait for some of them to finish`
  return () =>
    new ApiError(429, `too_many_${what}`, detail, { retryAfterSeconds: RETRY_AFTER_SECONDS })
}
