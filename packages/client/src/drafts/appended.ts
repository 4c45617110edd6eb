import { type DraftAppend, MAX_APPENDED_ARRAYS, MAX_DRAFT_NAME_LENGTH } from '@mindfuse/protocol'

/** The fields of an object, each as JSON. */
export type Fields = ReadonlyMap<string, string>

/** @param text JSON. @returns undefined unless it is an object */
export function readFields(text: string): Fields | undefined {
  if (!text.startsWith('{')) return undefined
  const fields = Object.entries(JSON.parse(text) as object)
  return new Map(fields.map(([name, value]) => [name, JSON.stringify(value)]))
}

/** What was appended to arrays of an object; undefined where anything else changed too. */
export function findAppended(before: Fields, after: Fields): DraftAppend['append'] | undefined {
  if (before.size !== after.size) return undefined
  const append: [string, unknown[]][] = []
  for (const [name, text] of after) {
    const known = before.get(name)
    if (text === known) continue
    const items = known === undefined ? undefined : readAppended(known, text)
    const isName = name.length > 0 && name.length <= MAX_DRAFT_NAME_LENGTH
    if (!items || !isName || append.length === MAX_APPENDED_ARRAYS) return undefined
    append.push([name, items])
  }
  return Object.fromEntries(append)
}

/** The items of an array, as JSON, that follow those of another one. */
function readAppended(before: string, after: string): unknown[] | undefined {
  if (before === '[]') return after.startsWith('[') ? JSON.parse(after) : undefined
  // Without its bracket, and with the comma that says that its last item ends there.
  const start = `${before.slice(0, -1)},`
  if (!before.startsWith('[') || !after.startsWith(start)) return undefined
  return JSON.parse(`[${after.slice(start.length)}`)
}
