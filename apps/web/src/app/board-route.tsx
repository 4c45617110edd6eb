import type { Client } from '@mindfuse/client'
import { useBoard } from '@mindfuse/react'
import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import { useMessages } from '../language/language.ts'
import type { App } from './app.ts'
import { loadBoardPage, loadedBoardPage } from './board-page-code.ts'
import { type FoundBoard, findBoard, takePreloaded } from './preloaded-board.ts'

/** Loaded with the first board: lists do without it. */
const LazyPage = lazy(loadBoardPage)

/** The page of a board. What it shows is fetched while the page itself is loaded, of which Excalidraw is a part. */
export function BoardRoute(props: { app: App; boardId: string; visit: object }) {
  const { app, boardId, visit } = props
  const { text } = useMessages()
  const [found, load] = useFoundBoard(app.client, boardId)
  const [BoardPage] = useState(() => loadedBoardPage() ?? LazyPage)
  const opening = <p className="hint centered">{text('board.opening')}</p>
  return (
    <>
      {found && !('error' in found) && <ConnectedBoard boardId={boardId} />}
      <Suspense fallback={opening}>
        {found ? (
          <BoardPage app={app} boardId={boardId} found={found} visit={visit} onRetry={load} />
        ) : (
          opening
        )}
      </Suspense>
    </>
  )
}

function useFoundBoard(
  client: Client,
  boardId: string,
): [found: FoundBoard | undefined, load: () => void] {
  const [first] = useState(() => takePreloaded(client, boardId))
  const [found, setFound] = useState(first?.found)
  const load = useCallback(() => {
    setFound(undefined)
    void findBoard(client, boardId).then(setFound)
  }, [client, boardId])
  useEffect(() => {
    // Also where it is known already: it may have become known after this was rendered.
    if (first) void first.asked.then(setFound)
    else load()
  }, [first, load])
  return [found, load]
}

/** Connects a board before its page is there. */
function ConnectedBoard({ boardId }: { boardId: string }) {
  useBoard(boardId)
  return null
}
