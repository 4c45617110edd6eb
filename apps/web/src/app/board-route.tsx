import type { BoardDetails, Client } from '@mindfuse/client'
import { useBoard } from '@mindfuse/react'
import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import { useMessages } from '../language/language.ts'
import type { App } from './app.ts'
import { routeOf } from './router.ts'

const loadPage = () => import('../pages/board-page.tsx')

/** Loaded with the first board: lists do without it. */
const BoardPage = lazy(loadPage)

/** Begins to load the page of boards where the address is one, while it is not yet known who is signed in. */
export function preloadBoardPage(): void {
  const { kind } = routeOf(location.pathname)
  // Where this fails the page itself fails, and says so.
  if (kind === 'board' || kind === 'embedded') loadPage().catch(() => undefined)
}

/** The board that the page was opened with, once. */
let preloaded: { client: Client; boardId: string; details: Promise<BoardDetails> } | undefined

/** Asks for the board of the address and connects it, while it is not yet known who the user is. */
export function preloadBoard(client: Client): void {
  const route = routeOf(location.pathname)
  if (route.kind !== 'board' && route.kind !== 'embedded') return
  const { boardId } = route
  preloaded = { client, boardId, details: client.api.boards.get(boardId) }
  // Where it fails, the page of the board says why.
  preloaded.details.catch(() => undefined)
  client.board(boardId)
}

function fetchBoard(client: Client, boardId: string): Promise<BoardDetails> {
  const first = preloaded
  preloaded = undefined
  if (first?.client === client && first.boardId === boardId) return first.details
  return client.api.boards.get(boardId)
}

/** A board's name and the user's permissions, or why there are none; undefined until the API has answered. */
export type FoundBoard = BoardDetails | { error: unknown }

/** The page of a board. What it shows is fetched while the page itself is loaded, of which Excalidraw is a part. */
export function BoardRoute(props: { app: App; boardId: string; visit: object }) {
  const { app, boardId, visit } = props
  const { text } = useMessages()
  const [found, load] = useFoundBoard(app.client, boardId)
  const opening = <p className="hint centered">{text('board.opening')}</p>
  return (
    <>
      {!(found && 'error' in found) && <ConnectedBoard boardId={boardId} />}
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
  const [found, setFound] = useState<FoundBoard>()
  const load = useCallback(() => {
    setFound(undefined)
    fetchBoard(client, boardId).then(setFound, (error) => setFound({ error }))
  }, [client, boardId])
  useEffect(load, [load])
  return [found, load]
}

/** Connects a board before its page is there, until it is known that there is none. */
function ConnectedBoard({ boardId }: { boardId: string }) {
  useBoard(boardId)
  return null
}
