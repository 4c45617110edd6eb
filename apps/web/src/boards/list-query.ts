import type { BoardDetails } from '@mindfuse/client'

export const SHOWN = ['all', 'mine', 'shared', 'recent'] as const
export const SORTS = ['updated', 'created', 'name'] as const

/** Which boards a list shows, and in which order: what its address says. */
export interface ListQuery {
  /** Part of a name. */
  q: string
  show: (typeof SHOWN)[number]
  sort: (typeof SORTS)[number]
}

const EVERYTHING: ListQuery = { q: '', show: 'all', sort: 'updated' }

/** What counts as recent, milliseconds. */
const RECENT_MS = 7 * 86_400_000

/** Reads the query of an address; what it does not know is left at its default. */
export function readListQuery(search: string): ListQuery {
  const params = new URLSearchParams(search)
  const { show, sort } = EVERYTHING
  return {
    q: params.get('q') ?? '',
    show: SHOWN.find((value) => value === params.get('show')) ?? show,
    sort: SORTS.find((value) => value === params.get('sort')) ?? sort,
  }
}

/** The inverse: empty for the default. */
export function writeListQuery(query: ListQuery): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== EVERYTHING[name as keyof ListQuery]) params.set(name, value)
  }
  return params.size === 0 ? '' : `?${params}`
}

/** Whether boards may be left out. */
export function isNarrowed({ q, show }: ListQuery): boolean {
  return q.trim() !== '' || show !== 'all'
}

/** The boards that a query asks for, in its order. */
export function applyListQuery(
  boards: readonly BoardDetails[],
  { q, show, sort }: ListQuery,
  { userId, locale, now }: { userId: string; locale: string; now: number },
): BoardDetails[] {
  const words = folded(q, locale).split(/\s+/).filter(Boolean)
  const isFound = ({ name }: BoardDetails) => {
    const text = folded(name, locale)
    return words.every((word) => text.includes(word))
  }
  const isShown = ({ createdBy, updatedAt }: BoardDetails) => {
    if (show === 'mine') return createdBy === userId
    if (show === 'shared') return createdBy !== userId
    return show === 'all' || now - Date.parse(updatedAt) < RECENT_MS
  }
  const collator = new Intl.Collator(locale, { numeric: true })
  const orders = {
    updated: (a: BoardDetails, b: BoardDetails) => b.updatedAt.localeCompare(a.updatedAt),
    created: (a: BoardDetails, b: BoardDetails) => b.createdAt.localeCompare(a.createdAt),
    name: (a: BoardDetails, b: BoardDetails) => collator.compare(a.name, b.name),
  }
  return boards
    .filter((board) => isShown(board) && isFound(board))
    .sort((a, b) => orders[sort](a, b) || b.id.localeCompare(a.id))
}

/** Without accents and upper case, which people leave out when they search. */
function folded(text: string, locale: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Diacritic}/gu, '')
    .toLocaleLowerCase(locale)
}
