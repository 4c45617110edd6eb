/** A seed for an element that came without one: the same for everybody who converts it. */
export function seedOf(id: string): number {
  // FNV-1a, in 31 bits.
  let hash = 0x811c9dc5
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  return (hash >>> 1) + 1
}
