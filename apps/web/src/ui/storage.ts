/** What this browser keeps of the site, for good or for one tab. A page in a frame of another site may have none. */
export function storage(kind: 'localStorage' | 'sessionStorage'): Storage | undefined {
  try {
    return globalThis[kind]
  } catch {
    return undefined
  }
}
