import type { BoardDetails, Client } from '@mindfuse/client'
import { useEffect, useRef, useState } from 'react'

/** Most people who are asked for: one request each. */
const MAX_SHARERS = 50

/**
 * The names of those who created boards that are shared with the user, by their ids: each is asked for once, of one of
 * their boards, when the list is there.
 */
export function useSharers(
  { api }: Client,
  shared: readonly BoardDetails[],
): ReadonlyMap<string, string> {
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map())
  const { current: asked } = useRef(new Set<string>())
  useEffect(() => {
    const ask = async (creator: string, boardId: string) => {
      const { items } = await api.boards.members(boardId)
      const name = items.find(({ userId }) => userId === creator)?.name
      if (name !== undefined) setNames((known) => new Map(known).set(creator, name))
    }
    for (const { id, createdBy } of shared) {
      if (createdBy === null || asked.has(createdBy) || asked.size >= MAX_SHARERS) continue
      asked.add(createdBy)
      // The list works without.
      ask(createdBy, id).catch(() => undefined)
    }
  }, [api, shared, asked])
  return names
}
