/** How often a condition is looked at, milliseconds. */
const POLL_INTERVAL_MS = 10

/** How long a condition may take unless said otherwise, milliseconds. */
const DEFAULT_TIMEOUT_MS = 10_000

/**
 * Waits until `condition` returns something truthy, and returns that.
 * @throws Error naming `what` after `timeoutMs`, with the last error of the condition as its cause
 */
export async function eventually<Value>(
  what: string,
  condition: () => Value | Promise<Value>,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<NonNullable<Value>> {
  const deadline = Date.now() + timeoutMs
  let cause: unknown
  for (;;) {
    try {
      const value = await condition()
      if (value) return value
      cause = undefined
    } catch (error) {
      cause = error
    }
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`, { cause })
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS))
  }
}
