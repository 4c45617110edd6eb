import { useCallback, useEffect, useState } from 'react'
import { type ListQuery, readListQuery, writeListQuery } from './list-query.ts'

/**
 * What the address asks for, and a function that changes it. The address is replaced: the way back leads to the page
 * before the list, and from a board to the list as it was.
 *
 * @param visit another object after each navigation
 */
export function useListQuery(visit: object): [ListQuery, (change: Partial<ListQuery>) => void] {
  const [query, setQuery] = useState(() => readListQuery(location.search))
  // biome-ignore lint/correctness/useExhaustiveDependencies: a navigation changes the address
  useEffect(() => setQuery(readListQuery(location.search)), [visit])
  const change = useCallback((part: Partial<ListQuery>) => {
    const next = { ...readListQuery(location.search), ...part }
    history.replaceState(history.state, '', location.pathname + writeListQuery(next))
    setQuery(next)
  }, [])
  return [query, change]
}
