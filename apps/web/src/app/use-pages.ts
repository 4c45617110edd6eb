import type { Events, ListEvents } from '@mindfuse/client'
import { useCallback, useState } from 'react'
import { type Live, useLive } from './use-live.ts'

const PAGE_SIZE = 50

/** Which page of a list is asked for. */
export interface PageQuery {
  limit: number
  cursor?: string
}

interface Page<Item> {
  items: Item[]
  nextCursor: string | null
}

/** The first pages of a list, as {@link useLive} has them. */
export interface Pages<Item> extends Live<Item[]> {
  /** Undefined where there are no more. */
  showMore: (() => void) | undefined
}

/**
 * A list that is read by pages. All that are shown are read again after events that may have changed them.
 *
 * @param readPage has to be the same function until another list is to be read
 */
export function usePages<Item>(
  readPage: (query: PageQuery) => Promise<Page<Item>>,
  events: Events | undefined,
  ...names: readonly (keyof ListEvents)[]
): Pages<Item> {
  const [count, setCount] = useState(1)
  const read = useCallback(async () => {
    const first = await readPage({ limit: PAGE_SIZE })
    const items = [...first.items]
    let cursor = first.nextCursor
    for (let page = 1; page < count && cursor !== null; page++) {
      const next: Page<Item> = await readPage({ limit: PAGE_SIZE, cursor })
      items.push(...next.items)
      cursor = next.nextCursor
    }
    return { items, hasMore: cursor !== null }
  }, [readPage, count])
  const { value, error, reload } = useLive(read, events, ...names)
  return {
    ...{ value: value?.items, error, reload },
    showMore: value?.hasMore ? () => setCount(count + 1) : undefined,
  }
}
