/**
 * Whether arrays and objects are nested deeper than `depth`. `JSON.parse` accepts any depth, but
 * serializing or walking a value recursively is limited by the stack.
 *
 * @example
 * ```ts
 * show(isNestedDeeper([[1]], 1)) // true
 * ```
 */
export function isNestedDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some((inner) => isNestedDeeper(inner, depth - 1))
}
