/** What this browser keeps of the site, for good or for one tab. A page in a frame of another site may have none. */
export function storage(kind: 'localStorage' | 'sessionStorage'): Storage | undefined {
  try {
    return globalThis[kind]
  } catch {
    return undefined
  }
}

/** Calls `listener` when another tab changes what `localStorage` has under this key. */
export function onStored(key: string, listener: () => void): void {
  addEventListener('storage', (event) => {
    // Without a key, all was cleared.
    if (event.key === key || event.key === null) listener()
  })
}
