/** Loads what is needed next, once the browser has nothing else to do. What cannot be loaded is asked for again by who needs it. */
export function whenIdle(load: () => Promise<unknown>): void {
  const loadQuietly = () => void load().catch(() => undefined)
  if ('requestIdleCallback' in window) requestIdleCallback(loadQuietly)
  else setTimeout(loadQuietly, 1_000)
}
