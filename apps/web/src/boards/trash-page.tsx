import type { Client, Reply } from '@mindfuse/client'
import { useBoards, useEvents } from '@mindfuse/react'
import { Suspense, useCallback, useState } from 'react'
import type { App } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { SiteHeader } from '../app/site-header.tsx'
import { useLive } from '../app/use-live.ts'
import { useTitle } from '../app/use-title.ts'
import { useMessages } from '../language/language.ts'
import { deniedPage, refusedPage } from '../pages/simple-pages.tsx'
import { ConfirmDialog } from '../ui/dialogs.tsx'
import { ErrorText } from '../ui/error-text.tsx'
import { isolate } from '../ui/isolate.ts'
import type { MenuEntry } from '../ui/menu-entry.ts'
import { attempt } from '../ui/toast.ts'
import { BoardCard } from './board-card.tsx'
import { SkeletonCards } from './skeleton-page.tsx'

type Trashed = Reply<'GET /api/workspaces/{workspaceId}/trash'>['items'][number]

const PAGE_SIZE = 100

/** A live list of deleted boards: restore them, or delete them permanently. */
export function TrashPage({ app, workspaceId }: { app: App; workspaceId: string }) {
  const { text } = useMessages()
  const events = useEvents({ workspaceId })
  const { status } = useBoards({ workspaceId })
  const { boards } = app.client.api
  const read = useCallback(
    () => boards.trash(workspaceId, { limit: PAGE_SIZE }),
    [boards, workspaceId],
  )
  // Moving a board to or from the trash removes it from or adds it to the list of boards.
  const trash = useLive(read, events, 'boards:update', 'workspaces:update')
  useTitle(text('trash.title'))

  const refused = deniedPage(status) ?? refusedPage(trash.error)
  if (refused) return refused
  return (
    <div className="site">
      <SiteHeader app={app} />
      <main className="boards-page">
        <div className="list-header">
          <h1>{text('trash.title')}</h1>
          <span className="spacer" />
          <a className="button quiet" href={paths.workspace(workspaceId)}>
            {text('trash.back')}
          </a>
        </div>
        <ErrorText error={trash.error} />
        {trash.value ? (
          <TrashedBoards client={app.client} boards={trash.value.items} reload={trash.reload} />
        ) : (
          trash.error === undefined && <SkeletonCards />
        )}
      </main>
    </div>
  )
}

function TrashedBoards({
  client,
  boards,
  reload,
}: {
  client: Client
  boards: readonly Trashed[]
  reload: () => void
}) {
  const { text, ago } = useMessages()
  const [deleting, setDeleting] = useState<Trashed>()
  const api = client.api.boards
  const entriesOf = (board: Trashed): MenuEntry[] => [
    { label: text('trash.restore'), onChoose: () => attempt(() => api.restore(board.id)) },
    { label: text('trash.delete'), isDangerous: true, onChoose: () => setDeleting(board) },
  ]
  if (boards.length === 0) return <p className="empty-state">{text('trash.empty')}</p>
  return (
    <>
      <ul className="cards">
        {boards.map((board) => (
          <BoardCard
            key={board.id}
            board={board}
            thumbnailUrl={board.thumbnailUrl}
            readThumbnailUrl={async () => {
              reload()
              return null
            }}
            note={text('trash.since', { ago: ago(board.deletedAt) })}
            entries={entriesOf(board)}
            isLink={false}
          />
        ))}
      </ul>
      <Suspense fallback={null}>
        {deleting && (
          <ConfirmDialog
            title={text('trash.delete.title')}
            action={text('trash.delete')}
            onClose={() => setDeleting(undefined)}
            onConfirm={() => api.deletePermanently(deleting.id)}
          >
            <p>{text('trash.delete.text', { name: isolate(deleting.name) })}</p>
          </ConfirmDialog>
        )}
      </Suspense>
    </>
  )
}
