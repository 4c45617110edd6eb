import type { Client, MindfuseError } from '@mindfuse/client'
import { useEffect, useState } from 'react'
import type { App } from '../app/app.ts'
import { useMessages } from '../language/language.ts'
import { isolate } from '../ui/isolate.ts'
import { attempt } from '../ui/toast.ts'
import { type ClosedBoard, closedBoardOf, textsOfClosed } from './closed-board.ts'
import { BoardsLink, MessagePage, SignedInAs, SignInLink } from './simple-pages.tsx'

/**
 * Instead of a board that the API does not show to its user: why, as far as that is known.
 *
 * @param onRestored the board is out of the trash
 */
export function ClosedBoardPage({
  app,
  boardId,
  error,
  onRestored,
}: {
  app: App
  boardId: string
  error: MindfuseError
  onRestored: () => void
}) {
  const wasOpen = useWasOpen(app.client, boardId)
  if (wasOpen === undefined) return null
  const closed = closedBoardOf(error, wasOpen)
  if (closed.kind !== 'trashed') return <NoAccessPage app={app} kind={closed.kind} />
  const restore = async () => {
    await app.client.api.boards.restore(boardId)
    onRestored()
  }
  return <TrashedPage app={app} closed={closed} onRestore={() => attempt(restore)} />
}

/** Whether the board was open in this browser; undefined until that is known. */
function useWasOpen(client: Client, boardId: string): boolean | undefined {
  const [wasOpen, setWasOpen] = useState<boolean>()
  useEffect(() => {
    // A browser that keeps nothing knows nothing either.
    client.keepsBoard(boardId).then(setWasOpen, () => setWasOpen(false))
  }, [client, boardId])
  return wasOpen
}

function TrashedPage({
  app,
  closed,
  onRestore,
}: {
  app: App
  closed: ClosedBoard & { kind: 'trashed' }
  onRestore: () => void
}) {
  const { text, ago } = useMessages()
  const { name, trashedAt, canRestore } = closed
  return (
    <MessagePage title={text('page.boardTrashed')}>
      <p>{text('page.boardTrashed.text', { name: isolate(name), ago: ago(trashedAt) })}</p>
      {canRestore ? (
        <button type="button" className="primary" onClick={onRestore}>
          {text('trash.restore')}
        </button>
      ) : (
        <p>{text('page.boardTrashed.ask')}</p>
      )}
      {/* The page around the board of an app user has the way on. */}
      {app.user.kind === 'person' && <BoardsLink className={canRestore ? 'button' : undefined} />}
    </MessagePage>
  )
}

function NoAccessPage({ app, kind }: { app: App; kind: 'taken_away' | 'unknown' }) {
  const { text } = useMessages()
  const { user } = app
  const [title, explanation] = textsOfClosed(kind, user)
  return (
    <MessagePage title={text(title)}>
      <p>{text(explanation)}</p>
      {user.kind === 'person' && <BoardsLink />}
      {user.kind === 'person' && <SignedInAs user={user} />}
      {user.kind === 'guest' && <SignInLink />}
    </MessagePage>
  )
}
