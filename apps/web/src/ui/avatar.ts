import { h } from './dom.ts'

/** A stable colour per user, dark enough for white letters. */
export function personColor(userId: string): string {
  let hash = 0
  for (let i = 0; i < userId.length; i++) hash = Math.imul(hash ^ userId.charCodeAt(i), 0x01000193)
  return `oklch(0.53 0.17 ${((hash >>> 8) % 36) * 10})`
}

/** A person's initials on their colour. */
export function avatar(person: { id: string; name: string }): HTMLElement {
  const element = h('span', { class: 'avatar', title: person.name }, initials(person.name))
  element.style.backgroundColor = personColor(person.id)
  return element
}

/** Up to two letters, from the first and the last word. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean)
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return letters.map((word) => [...(word ?? '')][0]?.toUpperCase() ?? '').join('')
}
