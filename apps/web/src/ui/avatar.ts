import type { Called } from './kinds.ts'

/** A stable colour per user, dark enough for white letters: their contrast is 4.9 or more. */
export function personColor(userId: string): string {
  let hash = 0
  for (let i = 0; i < userId.length; i++) hash = Math.imul(hash ^ userId.charCodeAt(i), 0x01000193)
  return `oklch(0.5 0.17 ${((hash >>> 8) % 36) * 10})`
}

/** What a mark shows: nothing for people with an account. */
export function kindOf({ kind }: Called): string | undefined {
  return kind === 'person' ? undefined : kind
}

/** Up to two letters, from the first and the last word. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean)
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return letters.map((word) => [...(word ?? '')][0]?.toUpperCase() ?? '').join('')
}
