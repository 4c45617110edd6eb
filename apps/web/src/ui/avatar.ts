import { colorsOf } from '@mindfuse/excalidraw'
import type { Called } from './kinds.ts'

/** The colour of a user, which they have on a board too unless another user there has the same. */
export function personColor(userId: string): string {
  return colorsOf([userId]).get(userId) ?? ''
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
