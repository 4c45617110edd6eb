/**
 * How often a condition is checked, milliseconds: less often the longer it takes, since most checks cost
 * a request to a server that other tests wait for, too.
 */
const MIN_INTERVAL_MS = 10
const MAX_INTERVAL_MS = 50
const INTERVAL_SHARE = 1 / 20

/**
 * How long a condition may take unless said otherwise, milliseconds: as long as on a busy machine, because one
 * that is met costs no time.
 */
const DEFAULT_TIMEOUT_MS = 30_000

/**
 * Waits until `condition` returns something truthy, and returns that.
 * @throws Error naming `what` after `timeoutMs`, with the last error of the condition as its cause
 */
export async function eventually<Value>(
  what: string,
  condition: () => Value | Promise<Value>,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<NonNullable<Value>> {
  const startedAt = Date.now()
  let cause: unknown
  for (;;) {
    try {
      const value = await condition()
      if (value) return value
      cause = undefined
    } catch (error) {
      cause = error
    }
    const waitedMs = Date.now() - startedAt
    if (waitedMs > timeoutMs) throw new Error(`gave up waiting until ${what}`, { cause })
    const intervalMs = Math.max(
      MIN_INTERVAL_MS,
      Math.min(MAX_INTERVAL_MS, waitedMs * INTERVAL_SHARE),
    )
    await new Promise((resolve) => setTimeout(resolve, intervalMs))
  }
}
