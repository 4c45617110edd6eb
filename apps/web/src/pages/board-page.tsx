import { type BoardDetails, MindfuseError, type User } from '@mindfuse/client'
import { useBoard } from '@mindfuse/react'
import { useCallback, useEffect, useState } from 'react'
import type { App } from '../app/app.ts'
import { useTitle } from '../app/use-title.ts'
import { BoardScreen } from '../board/board-screen.tsx'
import { useMessages } from '../language/language.ts'
import { messageOf } from '../ui/toast.ts'
import { BoardGonePage, refusedPage } from './simple-pages.tsx'

/** A board. Fetches its name and the user's permissions from the API first. */
export default function BoardPage(props: { app: App; boardId: string; visit: object }) {
  const { app, boardId, visit } = props
  const { text } = useMessages()
  const [result, setResult] = useState<BoardDetails | { error: unknown }>()
  const load = useCallback(() => {
    setResult(undefined)
    app.client.api.boards.get(boardId).then(setResult, (error) => setResult({ error }))
  }, [app, boardId])
  useEffect(load, [load])
  if (!result) return <p className="hint centered">{text('board.opening')}</p>
  if ('error' in result) {
    return <Failure error={result.error} user={app.user} onRetry={load} />
  }
  return <OpenBoard app={app} details={result} visit={visit} />
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
