/**
 * Whether arrays and objects lie in each other deeper than this. JSON is parsed however deep it is,
 * and written back, or walked through by whoever gets it, only as deep as the stack goes.
 */
export function isNestedDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some((inner) => isNestedDeeper(inner, depth - 1))
}
