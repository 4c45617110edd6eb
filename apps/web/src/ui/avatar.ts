import { h } from './dom.ts'

/** Colours of people, dark enough for white letters. */
const PERSON_COLORS = [
  '#c2410c',
  '#b4238a',
  '#7c3aed',
  '#2563eb',
  '#0e7490',
  '#15803d',
  '#a16207',
  '#be123c',
  '#4338ca',
  '#4d7c0f',
]

/** The same colour for the same person, everywhere. */
export function personColor(userId: string): string {
  let hash = 0
  for (let i = 0; i < userId.length; i++) hash = (hash * 31 + userId.charCodeAt(i)) >>> 0
  return PERSON_COLORS[hash % PERSON_COLORS.length] ?? '#2563eb'
}

/** A person's initials on their colour. */
export function avatar(person: { id: string; name: string }): HTMLElement {
  const element = h('span', { class: 'avatar', title: person.name }, initials(person.name))
  element.style.backgroundColor = personColor(person.id)
  return element
}

/** At most two letters: of the first and the last word. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean)
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return letters.map((word) => [...(word ?? '')][0]?.toUpperCase() ?? '').join('')
}
