import '../styles/versions.css'
import type { Board, BoardDetails } from '@mindfuse/client'
import { useBoard } from '@mindfuse/react'
import { useCallback, useEffect, useState } from 'react'
import type { App } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { SiteHeader } from '../app/site-header.tsx'
import { useAddressQuery } from '../app/use-address-query.ts'
import { useTitle } from '../app/use-title.ts'
import { useMessages } from '../language/language.ts'
import { isClosed } from '../pages/closed-board.ts'
import { ClosedBoardPage } from '../pages/closed-board-page.tsx'
import { refusedPage } from '../pages/simple-pages.tsx'
import { isolate } from '../ui/isolate.ts'
import { messageOf } from '../ui/toast.ts'
import { Activity } from './activity.tsx'
import { Comparison } from './comparison.tsx'
import { useVersions } from './use-versions.ts'
import { VersionList } from './version-list.tsx'
import { readVersionsQuery, writeVersionsQuery } from './versions-query.ts'

/**
 * The versions of a board, and who changed it: look at one, compare two, restore one.
 *
 * @param visit another object after each navigation
 */
export default function VersionsPage(props: { app: App; boardId: string; visit: object }) {
  const { app, boardId, visit } = props
  const { text } = useMessages()
  const [details, setDetails] = useState<BoardDetails>()
  const [error, setError] = useState<unknown>()
  const load = useCallback(() => {
    setError(undefined)
    app.client.api.boards.get(boardId).then(setDetails, setError)
  }, [app, boardId])
  useEffect(load, [load])
  const board = useBoard(boardId)
  const name = details ? isolate(details.name) : ''
  useTitle(details ? text('versions.of', { name }) : text('versions.title'))

  if (isClosed(error)) {
    return <ClosedBoardPage app={app} boardId={boardId} error={error} onRestored={load} />
  }
  const refused = refusedPage(error)
  if (refused) return refused
  return (
    <div className="site versions-page">
      <SiteHeader app={app} />
      <main>
        <div className="list-header">
          <h1>{details ? text('versions.of', { name }) : text('versions.title')}</h1>
          <span className="spacer" />
          <a className="button quiet" href={paths.board(boardId)}>
            {text('versions.back')}
          </a>
        </div>
        {error !== undefined && (
          <p className="problem" role="alert">
            {messageOf(error)}{' '}
            <button type="button" onClick={load}>
              {text('action.tryAgain')}
            </button>
          </p>
        )}
        {board && details && <Versions app={app} board={board} details={details} visit={visit} />}
      </main>
    </div>
  )
}

function Versions({
  app,
  board,
  details,
  visit,
}: {
  app: App
  board: Board
  details: BoardDetails
  visit: object
}) {
  const [query, change] = useAddressQuery(readVersionsQuery, writeVersionsQuery, visit)
  const versions = useVersions(app.client, board)
  return (
    <div className="versions">
      <div className="versions-aside">
        <VersionList
          app={app}
          details={details}
          versions={versions}
          look={query.look}
          onLook={(look) => change({ look, with: undefined })}
        />
        <Activity app={app} board={board} />
      </div>
      <Comparison
        app={app}
        board={board}
        versions={versions.value ?? []}
        query={query}
        onCompare={(other) => change({ with: other })}
      />
    </div>
  )
}
