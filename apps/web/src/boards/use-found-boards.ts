import type { BoardDetails, Client } from '@mindfuse/client'
import { useEffect, useMemo, useState } from 'react'

/** The most boards that a stream of events lists; the API has the others. */
export const MAX_LISTED = 1_000

/** How long typing has to pause before the API is asked, milliseconds. */
const PAUSE_MS = 250

/** As many as are shown at first. */
const PAGE_SIZE = 60

/**
 * The boards that are listed, and where there may be more, those that the API finds in a workspace by a part of their
 * name.
 */
export function useFoundBoards(
  client: Client,
  workspaceId: string,
  listed: readonly BoardDetails[],
  q: string,
): readonly BoardDetails[] {
  const [found, setFound] = useState<readonly BoardDetails[]>([])
  const isWhole = listed.length < MAX_LISTED
  useEffect(() => {
    setFound([])
    if (isWhole || q.trim() === '') return
    let isCurrent = true
    const search = async () => {
      const { items } = await client.api.boards.list(workspaceId, { q: q.trim(), limit: PAGE_SIZE })
      if (isCurrent) setFound(items)
    }
    // What is listed is searched in any case.
    const timer = setTimeout(() => void search().catch(() => undefined), PAUSE_MS)
    return () => {
      isCurrent = false
      clearTimeout(timer)
    }
  }, [client, workspaceId, isWhole, q])
  return useMemo(() => {
    const known = new Set(listed.map(({ id }) => id))
    return [...listed, ...found.filter(({ id }) => !known.has(id))]
  }, [listed, found])
}
