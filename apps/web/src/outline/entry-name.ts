import type { OutlineEntry } from '@mindfuse/scene'
import type { Messages } from '../language/messages.ts'
import { isolate } from '../ui/isolate.ts'

/** Longest text of an element in its name, characters; more is cut off. */
const MAX_TEXT_LENGTH = 120

/**
 * What an element is called: "Rectangle: Invoice", "Arrow from Invoice to Customer".
 *
 * @param find the entries of what arrows are bound to
 */
export function entryName(
  entry: OutlineEntry,
  find: (id: string) => OutlineEntry | undefined,
  { text }: Messages,
): string {
  const shown = textOf(entry)
  const kind = kindName(entry, find, text)
  return shown === '' ? kind : text('outline.named', { kind, text: isolate(shown) })
}

function kindName(
  { element }: OutlineEntry,
  find: (id: string) => OutlineEntry | undefined,
  text: Messages['text'],
): string {
  if (element.type !== 'arrow') return text('outline.kind', { type: element.type })
  const endName = (binding: typeof element.startBinding) => {
    const end = binding && find(binding.elementId)
    return end ? isolate(textOf(end) || text('outline.kind', { type: end.element.type })) : ''
  }
  const [from, to] = [endName(element.startBinding), endName(element.endBinding)]
  const ends = from ? (to ? 'both' : 'from') : to ? 'to' : 'none'
  return text('outline.arrow', { ends, from, to })
}

/** On one line. */
function textOf({ element, text }: OutlineEntry): string {
  const isPage = element.type === 'embeddable' || element.type === 'iframe'
  const line = (isPage ? (element.link ?? '') : text).slice(0, 4 * MAX_TEXT_LENGTH)
  const characters = [...line.replace(/\s+/g, ' ').trim()]
  if (characters.length <= MAX_TEXT_LENGTH) return characters.join('')
  return `${characters.slice(0, MAX_TEXT_LENGTH).join('')}…`
}
