import type { BoardDetails, Client } from '@mindfuse/client'
import { useBoard } from '@mindfuse/react'
import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import { useMessages } from '../language/language.ts'
import type BoardPage from '../pages/board-page.tsx'
import type { App } from './app.ts'
import { routeOf } from './router.ts'

const loadPage = () => import('../pages/board-page.tsx')

/** Loaded with the first board: lists do without it. */
const LazyPage = lazy(loadPage)

/** The same, once it is there: a lazy one is first shown without. */
let loadedPage: typeof LazyPage | typeof BoardPage | undefined

/** The board that the page was opened with, once. */
let preloaded:
  | { client: Client; boardId: string; asked: Promise<FoundBoard>; found?: FoundBoard }
  | undefined

/**
 * Asks for the board of the address and connects it, while it is not yet known who the user is. Runs the code of its
 * page meanwhile, which takes a while and was loaded with this one.
 */
export function preloadBoard(client: Client): void {
  const route = routeOf(location.pathname)
  if (route.kind !== 'board' && route.kind !== 'embedded') return
  const { boardId } = route
  const preloading: typeof preloaded = { client, boardId, asked: findBoard(client, boardId) }
  preloading.asked.then((found) => {
    preloading.found = found
    if (!('error' in found)) client.board(boardId)
  })
  preloaded = preloading
  loadPage().then(
    (page) => {
      loadedPage = page.default
    },
    // The page itself fails then, and says so.
    () => undefined,
  )
}

/** What was asked for with the page. */
function takePreloaded(client: Client, boardId: string): typeof preloaded {
  const taken = preloaded
  preloaded = undefined
  return taken?.client === client && taken.boardId === boardId ? taken : undefined
}

const findBoard = (client: Client, boardId: string): Promise<FoundBoard> =>
  client.api.boards.get(boardId).catch((error: unknown) => ({ error }))

/** A board's name and the user's permissions, or why there are none; undefined until the API has answered. */
export type FoundBoard = BoardDetails | { error: unknown }

/** The page of a board. What it shows is fetched while the page itself is loaded, of which Excalidraw is a part. */
export function BoardRoute(props: { app: App; boardId: string; visit: object }) {
  const { app, boardId, visit } = props
  const { text } = useMessages()
  const [found, load] = useFoundBoard(app.client, boardId)
  const [BoardPage] = useState(() => loadedPage ?? LazyPage)
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
    if (!first) load()
    else if (!first.found) void first.asked.then(setFound)
  }, [first, load])
  return [found, load]
}

/** Connects a board before its page is there. */
function ConnectedBoard({ boardId }: { boardId: string }) {
  useBoard(boardId)
  return null
}
