/** Hues that are told apart next to each other, and what is between two of them, degrees. */
const FIRST_HUES = 12
const APART = 360 / FIRST_HUES

/** Excalidraw has every tenth hue. */
const STEP = 10

/**
 * A colour for each user on a board, by id: that of their pointer and of what they have selected. It is the same for
 * everybody who looks, and another for each as long as there are enough, 36. A user keeps their own on every board
 * unless two who are there have the same.
 *
 * @param userIds all who are on the board, the user who looks as well
 * @returns colours of CSS, on which dark letters are legible
 *
 * @example
 * ```tsx
 * const colors = colorsOf([me, ...others].map(({ id }) => id))
 * return others.map(({ id, name }) => <b style={{ background: colors.get(id) }}>{name}</b>)
 * ```
 */
export function colorsOf(userIds: Iterable<string>): Map<string, string> {
  const colors = [...huesOf(userIds)].map(([id, hue]) => [id, `hsl(${hue}, 100%, 83%)`] as const)
  return new Map(colors)
}

/** The hues of these colours, degrees. */
export function huesOf(userIds: Iterable<string>): Map<string, number> {
  const taken = new Set<number>()
  const hues = new Map<string, number>()
  for (const id of [...new Set(userIds)].sort()) {
    let index = hashOf(id) % FIRST_HUES
    if (taken.size === FIRST_HUES) taken.clear()
    while (taken.has(index)) index = (index + 1) % FIRST_HUES
    taken.add(index)
    const round = Math.floor(hues.size / FIRST_HUES)
    hues.set(id, APART * index + ((STEP * round) % APART))
  }
  return hues
}

function hashOf(text: string): number {
  let hash = 0
  for (const character of text) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0
  return hash
}
