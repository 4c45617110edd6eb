import { type BoardDetails, MindfuseError, type User } from '@mindfuse/client'
import { useBoard } from '@mindfuse/react'
import type { App } from '../app/app.ts'
import type { FoundBoard } from '../app/board-route.tsx'
import { useTitle } from '../app/use-title.ts'
import { BoardScreen } from '../board/board-screen.tsx'
import { useMessages } from '../language/language.ts'
import { messageOf } from '../ui/toast.ts'
import { BoardGonePage, refusedPage } from './simple-pages.tsx'

/** A board, or why there is none. */
export default function BoardPage({
  app,
  found,
  visit,
  onRetry,
}: {
  app: App
  found: FoundBoard
  visit: object
  onRetry: () => void
}) {
  if ('error' in found) {
    return <Failure error={found.error} user={app.user} onRetry={onRetry} />
  }
  return <OpenBoard app={app} details={found} visit={visit} />
}

function OpenBoard({ app, details, visit }: { app: App; details: BoardDetails; visit: object }) {
  const board = useBoard(details.id)
  useTitle(details.name)
  if (!board) return null
  return <BoardScreen app={app} board={board} details={details} visit={visit} />
}

function Failure({ error, user, onRetry }: { error: unknown; user: User; onRetry: () => void }) {
  const { text } = useMessages()
  if (error instanceof MindfuseError && error.status === 404) {
    return <BoardGonePage user={user} />
  }
  const refused = refusedPage(error)
  if (refused) return refused
  return (
    <div className="board-failure">
      <p className="problem">{messageOf(error)}</p>
      <button type="button" onClick={onRetry}>
        {text('action.tryAgain')}
      </button>
    </div>
  )
}
