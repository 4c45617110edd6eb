import { useCallback, useEffect, useState } from 'react'

/**
 * What the query of the address asks for, and a function that changes it. The address is replaced: the way back leads to
 * the page before the list, and from what it leads to, to the list as it was.
 *
 * @param read reads the query of an address, and `write` is its inverse
 * @param visit another object after each navigation
 */
export function useAddressQuery<Query extends object>(
  read: (search: string) => Query,
  write: (query: Query) => string,
  visit: object,
): [Query, (change: Partial<Query>) => void] {
  const [query, setQuery] = useState(() => read(location.search))
  // biome-ignore lint/correctness/useExhaustiveDependencies: a navigation changes the address
  useEffect(() => setQuery(read(location.search)), [visit])
  const change = useCallback(
    (part: Partial<Query>) => {
      const next = { ...read(location.search), ...part }
      history.replaceState(history.state, '', location.pathname + write(next))
      setQuery(next)
    },
    [read, write],
  )
  return [query, change]
}
