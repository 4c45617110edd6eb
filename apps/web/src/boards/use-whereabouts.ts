import type { Client, PresentUser } from '@mindfuse/client'
import { useEffect, useState } from 'react'
import type { Whereabouts } from '../board/whereabouts.ts'

export type Person = PresentUser['user']

/** Who has which board open, by the boards' ids. */
type People = ReadonlyMap<string, readonly Person[]>

const NOBODY: People = new Map()

/** Who else has which board of a workspace open. */
export function useWhereabouts(client: Client, workspaceId: string, userId: string): People {
  const [people, setPeople] = useState(NOBODY)
  useEffect(() => {
    // Left at once, and not a little later as `useChannel` does: the page of a board joins the same channel.
    const channel = client.channel(`workspace:${workspaceId}`)
    channel.on('presence', { event: 'sync' }, () => {
      const states = Object.values(channel.presenceState<Partial<Whereabouts>>()).flat()
      setPeople(peopleOf(states, userId))
    })
    channel.subscribe()
    return () => {
      void channel.unsubscribe()
      setPeople(NOBODY)
    }
  }, [client, workspaceId, userId])
  return people
}

function peopleOf(
  states: readonly (Partial<Whereabouts> & { presence_user: Person })[],
  userId: string,
): People {
  const people = new Map<string, Person[]>()
  for (const { board, presence_user: person } of states) {
    if (typeof board !== 'string' || person.id === userId) continue
    const here = people.get(board) ?? []
    if (here.some(({ id }) => id === person.id)) continue
    people.set(board, [...here, person].sort(byName))
  }
  return people
}

function byName(a: Person, b: Person): number {
  return a.name.localeCompare(b.name) || a.id.localeCompare(b.id)
}
