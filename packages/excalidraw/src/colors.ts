/** Pairs that are told apart next to each other, on light and on dark. */
const PALETTE = [
  '#e03131',
  '#1971c2',
  '#2f9e44',
  '#f08c00',
  '#9c36b5',
  '#0c8599',
  '#c2255c',
  '#5f3dc4',
  '#66a80f',
  '#e8590c',
  '#099268',
  '#3b5bdb',
] as const

/**
 * A colour for each user on a board: the same for everybody who looks, and another for each as long as there are
 * enough. Somebody keeps their own on every board unless two who are there have the same.
 */
export function colorsOf(userIds: Iterable<string>): Map<string, string> {
  const taken = new Set<number>()
  const colors = new Map<string, string>()
  for (const id of [...new Set(userIds)].sort()) {
    let index = hashOf(id) % PALETTE.length
    if (taken.size === PALETTE.length) taken.clear()
    while (taken.has(index)) index = (index + 1) % PALETTE.length
    taken.add(index)
    colors.set(id, PALETTE[index] as string)
  }
  return colors
}

function hashOf(text: string): number {
  let hash = 0
  for (const character of text) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0
  return hash
}
