import type { BoardDetails } from '@mindfuse/client'
import { useBoard, useBoardName } from '@mindfuse/react'
import type { App } from '../app/app.ts'
import type { FoundBoard } from '../app/preloaded-board.ts'
import { useTitle } from '../app/use-title.ts'
import { BoardScreen } from '../board/board-screen.tsx'
import { useMessages } from '../language/language.ts'
import { messageOf } from '../ui/toast.ts'
import { isClosed } from './closed-board.ts'
import { ClosedBoardPage } from './closed-board-page.tsx'
import { refusedPage } from './simple-pages.tsx'

/** A board, or why there is none. */
export default function BoardPage({
  app,
  boardId,
  found,
  visit,
  onRetry,
}: {
  app: App
  boardId: string
  found: FoundBoard
  visit: object
  onRetry: () => void
}) {
  if ('error' in found) {
    return <Failure app={app} boardId={boardId} error={found.error} onRetry={onRetry} />
  }
  return <OpenBoard app={app} details={found} visit={visit} />
}

function OpenBoard({ app, details, visit }: { app: App; details: BoardDetails; visit: object }) {
  const board = useBoard(details.id)
  const name = useBoardName(board) ?? details.name
  useTitle(name)
  if (!board) return null
  return <BoardScreen app={app} board={board} details={details} name={name} visit={visit} />
}

function Failure(failure: { app: App; boardId: string; error: unknown; onRetry: () => void }) {
  const { app, boardId, error, onRetry } = failure
  const { text } = useMessages()
  if (isClosed(error)) {
    return <ClosedBoardPage app={app} boardId={boardId} error={error} onRestored={onRetry} />
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
