import type { BoardDetails } from '@mindfuse/client'
import { useMessages } from '../language/language.ts'
import type { Unsent } from './use-unsent.ts'

/** Below the name of a board: what waits on this device, else who shares it, and when it was changed. */
export function BoardNote({
  board,
  sharer,
  unsent,
}: {
  board: BoardDetails
  /** The name of who shares it with the user. */
  sharer: string | undefined
  unsent: Unsent | undefined
}) {
  const { text, rich, ago } = useMessages()
  if (unsent) return <UnsentMark unsent={unsent} />
  const updated = text('board.updated', { ago: ago(board.updatedAt) })
  return (
    <time dateTime={board.updatedAt} title={new Date(board.updatedAt).toLocaleString()}>
      {sharer === undefined
        ? updated
        : rich('board.sharedBy', { name: sharer, updated, b: (name) => <bdi>{name}</bdi> })}
    </time>
  )
}

function UnsentMark({ unsent }: { unsent: Unsent }) {
  const { text } = useMessages()
  if (unsent.kind === 'failed') {
    return (
      <span className="unsent problem" title={unsent.reason}>
        {text('unsent.failed')}: {unsent.reason}
      </span>
    )
  }
  return (
    <span className="unsent" title={text('unsent.waiting')}>
      {text(unsent.kind === 'sending' ? 'unsent.sending' : 'unsent.mark')}
    </span>
  )
}
