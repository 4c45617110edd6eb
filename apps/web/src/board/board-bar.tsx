import type { Board, BoardDetails } from '@mindfuse/client'
import { lazy, type MouseEvent, Suspense, useState } from 'react'
import type { App } from '../app/app.ts'
import { lastList } from '../app/last-list.ts'
import { useMessages } from '../language/language.ts'
import { Icon } from '../ui/icon.tsx'
import { attempt } from '../ui/toast.ts'
import { SaveLabel, SizeLabel } from './board-labels.tsx'
import { BoardName } from './board-name.tsx'
import { GuestBar } from './guest-bar.tsx'
import { People } from './people.tsx'
import { ReactionsMenu } from './reactions.tsx'

const ShareDialog = lazy(() => import('../sharing/share-dialog.tsx'))

/** The laser of those who cannot edit; editors have it among their tools. */
export interface ViewerLaser {
  isOn: boolean
  canUse: boolean
  toggle: () => void
}

/** The bar above a board. */
export function BoardBar({
  app,
  board,
  details,
  name,
  laser,
  onFollow,
}: {
  app: App
  board: Board
  details: BoardDetails
  name: string
  laser: ViewerLaser | undefined
  onFollow: (userId: string) => void
}) {
  const { client, user } = app
  const { text } = useMessages()
  const [shared, setShared] = useState<BoardDetails>()
  // Permissions may have changed since the page was opened.
  const share = async () => setShared(await client.api.boards.get(details.id))
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it keeps the focus where it is, and does nothing itself */}
      <header className="board-bar" onMouseDown={keepFocus}>
        {user.kind === 'person' && (
          <a
            className="icon-button"
            href={lastList()}
            title={text('board.all')}
            aria-label={text('board.all')}
          >
            <Icon name="left" />
          </a>
        )}
        <BoardName client={client} details={details} name={name} />
        <SaveLabel board={board} />
        <SizeLabel board={board} />
        <span className="spacer" />
        <People board={board} user={user} onFollow={onFollow} />
        {laser && (
          <button
            type="button"
            className="icon-button"
            title={text('board.laser')}
            aria-label={text('board.laser')}
            aria-pressed={laser.isOn}
            disabled={!laser.canUse}
            onClick={laser.toggle}
          >
            <Icon name="laser" />
          </button>
        )}
        <ReactionsMenu board={board} />
        {user.kind === 'guest' && <GuestBar board={board} user={user} />}
        {user.kind === 'person' && (
          <button
            type="button"
            className="primary share"
            aria-label={text('share.title')}
            onClick={() => attempt(share)}
          >
            <Icon name="people" />
            <span>{text('share.title')}</span>
          </button>
        )}
      </header>
      <Suspense fallback={null}>
        {shared && <ShareDialog app={app} board={shared} onClose={() => setShared(undefined)} />}
      </Suspense>
    </>
  )
}

/** A click leaves the focus on the board, whose keys go on working; fields take it. */
function keepFocus(event: MouseEvent<HTMLElement>): void {
  if (!(event.target instanceof HTMLInputElement)) event.preventDefault()
}
