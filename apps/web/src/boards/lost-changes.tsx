import type { BoardDetails } from '@mindfuse/client'
import { useMessages } from '../language/language.ts'
import { attempt } from '../ui/toast.ts'
import { MAX_LISTED } from './use-found-boards.ts'
import type { UnsentBoards } from './use-unsent.ts'

/** Changes on this device of boards that the user cannot see any longer: nobody takes them. */
export function LostChanges({
  boards,
  unsent,
}: {
  boards: readonly BoardDetails[]
  unsent: UnsentBoards
}) {
  const { text } = useMessages()
  const known = new Set(boards.map(({ id }) => id))
  const lost = [...unsent.all.keys()].filter((id) => !known.has(id))
  if (lost.length === 0 || boards.length >= MAX_LISTED) return null
  const discard = async () => {
    for (const id of lost) await unsent.discard(id)
  }
  return (
    <p className="notice">
      {text('unsent.lost', { count: lost.length })}
      <button type="button" onClick={() => attempt(discard)}>
        {text('action.discard')}
      </button>
    </p>
  )
}
