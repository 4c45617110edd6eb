/** Keeps a map within `limit` by dropping what was inserted first; call it after each insert. */
export function dropOldest(map: Map<string, unknown>, limit: number): void {
  if (map.size <= limit) return
  const oldest = map.keys().next()
  if (!oldest.done) map.delete(oldest.value)
}
