/** Whether two values are the same to whoever renders them: arrays and plain objects by their contents. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (Array.isArray(a)) return Array.isArray(b) && haveSameEntries(a, b)
  return isPlain(a) && isPlain(b) && haveSameEntries(a, b)
}

function haveSameEntries(a: object, b: object): boolean {
  const entries = Object.entries(a)
  if (entries.length !== Object.keys(b).length) return false
  return entries.every(
    ([key, value]) => Object.hasOwn(b, key) && isSame(value, b[key as keyof typeof b]),
  )
}

function isPlain(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}
