import type { BoardDetails, Client } from '@mindfuse/client'
import { useEffect, useState } from 'react'

/** Who owns a board that is shared with the user: asked for once the list is there. */
export function useSharer(
  client: Client,
  { id, createdBy }: Pick<BoardDetails, 'id' | 'createdBy'>,
  isShared: boolean,
): string | undefined {
  const [name, setName] = useState<string>()
  useEffect(() => {
    if (!isShared || createdBy === null) return
    let isCurrent = true
    const read = async () => {
      const { items } = await client.api.boards.members(id)
      if (isCurrent) setName(items.find(({ userId }) => userId === createdBy)?.name)
    }
    // The list works without.
    read().catch(() => undefined)
    return () => {
      isCurrent = false
    }
  }, [client, id, createdBy, isShared])
  return name
}
