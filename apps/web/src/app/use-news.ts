import { useEffect, useState } from 'react'
import type { Pages } from './use-pages.ts'

/** A list that stays as it is while one reads it, and what came meanwhile. */
export interface News<Item> {
  pages: Pages<Item>
  /** How many items came, at least. */
  count: number
  /** Shows them. */
  show: () => void
}

/**
 * Holds back what comes at the beginning of a list that is read again and again.
 *
 * @param list another object, or text, for another list
 */
export function useNews<Item extends { id: string }>(
  pages: Pages<Item>,
  list: unknown,
): News<Item> {
  const { value } = pages
  const [held, setHeld] = useState<{ list: unknown; items: Item[] }>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the value is that of the list before until it is read
  useEffect(() => {
    if (!value) return
    setHeld((before) => ({
      list,
      items: before && before.list === list ? withLater(before.items, value) : value,
    }))
  }, [value])
  return {
    pages: { ...pages, value: held?.items ?? value },
    count: held && held.list === list && value ? countNews(held.items, value) : 0,
    show: () => value && setHeld({ list, items: value }),
  }
}

/** How many items are before the first that is known. */
export function countNews<Item extends { id: string }>(
  known: readonly Item[],
  items: readonly Item[],
): number {
  const ids = new Set(known.map(({ id }) => id))
  const first = items.findIndex(({ id }) => ids.has(id))
  return first === -1 ? items.length : first
}

/** A list with what follows its last item. */
export function withLater<Item extends { id: string }>(
  known: Item[],
  items: readonly Item[],
): Item[] {
  const lastId = known.at(-1)?.id
  const last = items.findIndex(({ id }) => id === lastId)
  return last === -1 ? known : [...known, ...items.slice(last + 1)]
}
