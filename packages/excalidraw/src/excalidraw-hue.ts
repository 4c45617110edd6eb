/**
 * An id of a user for which Excalidraw chooses a hue. It takes a colour from nobody, and makes one of the id, the same
 * as here (`getClientColor` of 0.18): one more character gives any of its hues.
 *
 * @param hue a multiple of 10, below 360
 */
export function idOfHue(userId: string, hue: number): string {
  const hash = userId.split('').reduce(withCharacter, 0)
  const character = CHARACTERS.find((each) => hueOf(withCharacter(hash, each)) === hue)
  return userId + (character ?? '')
}

/** Enough for all hues, also where the hash changes its sign between two of them. */
const CHARACTERS = Array.from({ length: 74 }, (_, i) => String.fromCharCode(0x30 + i))

const withCharacter = (hash: number, character: string): number =>
  (hash << 5) - hash + character.charCodeAt(0)

const hueOf = (hash: number): number => (Math.abs(hash) % 37) * 10
