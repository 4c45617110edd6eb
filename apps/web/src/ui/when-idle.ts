/** A page that waits for its server has nothing to do either. Milliseconds. */
const OPENING_MS = 3_000

/**
 * Loads what is needed next, once the page is there and the browser has nothing else to do. What cannot be loaded is
 * asked for again by who needs it.
 */
export function whenIdle(load: () => Promise<unknown>): void {
  const loadQuietly = () => void load().catch(() => undefined)
  setTimeout(() => {
    if ('requestIdleCallback' in window) requestIdleCallback(loadQuietly)
    else loadQuietly()
  }, OPENING_MS)
}
