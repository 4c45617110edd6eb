import { type DomainEvent, workspaceOf } from '@mindfuse/internal'
import type { EventData } from '../db/schema.ts'

/** Changes of access as the outbox keeps them. */
export function keepAccess(changes: DomainEvent['access']): Pick<EventData, 'access' | 'places'> {
  const isBoard = ({ boardId }: { boardId: string }) => workspaceOf(boardId) === undefined
  const access = changes.filter(isBoard)
  if (access.length === changes.length) return { access }
  return { access, places: changes.filter((change) => !isBoard(change)) }
}

/** All changes of access that the outbox keeps of an event. */
export function accessOf({ access, places = [] }: EventData): DomainEvent['access'] {
  return [...access, ...places]
}
