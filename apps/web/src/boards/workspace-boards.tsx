import type { BoardDetails, Workspace } from '@mindfuse/client'
import { type ReactNode, Suspense, useCallback, useMemo, useState } from 'react'
import type { App } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { useAddressQuery } from '../app/use-address-query.ts'
import { useMessages } from '../language/language.ts'
import { NameDialog } from '../ui/dialogs.tsx'
import { useBoardActions } from './board-actions.tsx'
import { BoardCard } from './board-card.tsx'
import { BoardNote } from './board-note.tsx'
import { EmptyList } from './empty-list.tsx'
import { ListControls } from './list-controls.tsx'
import { applyListQuery, isNarrowed, readListQuery, writeListQuery } from './list-query.ts'
import { LostChanges } from './lost-changes.tsx'
import { UsageHint } from './usage-hint.tsx'
import { useFoundBoards } from './use-found-boards.ts'
import { useSharers } from './use-sharers.ts'
import { useUnsent } from './use-unsent.ts'
import { useWhereabouts } from './use-whereabouts.ts'

const PAGE_SIZE = 60

/** The boards of a workspace, and on the first page those that are shared with the user. */
export function WorkspaceBoards({
  app,
  workspaces,
  current,
  boards,
  isOnline,
  withShared,
  visit,
}: {
  app: App
  workspaces: readonly Workspace[]
  current: Workspace
  /** All that the user can see. */
  boards: readonly BoardDetails[]
  isOnline: boolean
  withShared: boolean
  visit: object
}) {
  const { text, locale } = useMessages()
  const { client, user, thumbnails } = app
  const [query, change] = useAddressQuery(readListQuery, writeListQuery, visit)
  const [size, setSize] = useState(PAGE_SIZE)
  const [isNaming, setNaming] = useState(false)
  const whereabouts = useWhereabouts(client, current.id, user.id)
  const unsent = useUnsent(client, boards, isOnline)
  const { entriesOf, dialog } = useBoardActions(app, unsent)

  const known = useFoundBoards(client, current.id, boards, query.q)
  const found = useMemo(
    () => applyListQuery(known, query, { userId: user.id, locale, now: Date.now() }),
    [known, query, user.id, locale],
  )
  const here = found.filter(({ workspaceId }) => workspaceId === current.id)
  const shared = useMemo(() => {
    const own = new Set(workspaces.map(({ id }) => id))
    return withShared ? found.filter(({ workspaceId }) => !own.has(workspaceId)) : []
  }, [workspaces, withShared, found])
  const sharers = useSharers(client, shared)
  const isFiltered = isNarrowed(query)

  const create = async (name: string) => {
    const board = await client.api.boards.create(current.id, { name })
    app.navigate(paths.board(board.id))
  }
  const cardOf = (board: BoardDetails, isShared: boolean) => (
    <BoardCard
      key={board.id}
      board={board}
      thumbnailUrl={board.thumbnailUrl}
      thumbnailSent={thumbnails.get(board.id)}
      readThumbnailUrl={async () => (await client.api.boards.get(board.id)).thumbnailUrl}
      note={
        <BoardNote
          board={board}
          sharer={isShared ? sharers.get(board.createdBy ?? '') : undefined}
          unsent={unsent.all.get(board.id)}
        />
      }
      people={whereabouts.get(board.id) ?? []}
      entries={entriesOf(board, isShared ? current.id : board.workspaceId, isShared)}
    />
  )
  const canCreate = current.access.can.createBoards
  return (
    <main className="boards-page">
      <WorkspaceTabs app={app} workspaces={workspaces} currentId={current.id} />
      <ListHeader current={current}>
        {canCreate && (
          <button type="button" className="primary" onClick={() => setNaming(true)}>
            {text('boards.new')}
          </button>
        )}
      </ListHeader>
      <LostChanges boards={boards} unsent={unsent} />
      <ListControls query={query} onChange={change} />
      <p className="visually-hidden" role="status">
        {isFiltered && text('boards.count', { count: here.length + shared.length })}
      </p>
      {here.length > 0 ? (
        <ul className="cards">{here.slice(0, size).map((board) => cardOf(board, false))}</ul>
      ) : (
        <EmptyList
          isFiltered={isFiltered}
          onShowAll={() => change({ q: '', show: 'all' })}
          onCreate={canCreate ? () => setNaming(true) : undefined}
        />
      )}
      {here.length > size && (
        <button type="button" onClick={() => setSize(size + PAGE_SIZE)}>
          {text('boards.more')}
        </button>
      )}
      {shared.length > 0 && (
        <>
          <h2>{text('boards.shared')}</h2>
          <ul className="cards">{shared.map((board) => cardOf(board, true))}</ul>
        </>
      )}
      <UsageHint client={client} workspaceId={current.id} />
      {dialog}
      <Suspense fallback={null}>
        {isNaming && (
          <NameDialog
            title={text('boards.new')}
            action={text('action.create')}
            name={text('board.untitled')}
            onClose={() => setNaming(false)}
            onSubmit={create}
          />
        )}
      </Suspense>
    </main>
  )
}

/** The name of the workspace, and what there is beside its boards. */
function ListHeader({ current, children }: { current: Workspace; children: ReactNode }) {
  const { text } = useMessages()
  return (
    <div className="list-header">
      <h1>
        <bdi>{current.name}</bdi>
      </h1>
      <span className="spacer" />
      {current.type === 'team' && (
        <a className="button quiet" href={paths.settings(current.id, 'members')}>
          {text('boards.people')}
        </a>
      )}
      <a className="button quiet" href={paths.settings(current.id)}>
        {text('boards.settings')}
      </a>
      <a className="button quiet" href={paths.trash(current.id)}>
        {text('boards.trash')}
      </a>
      {children}
    </div>
  )
}

/** Tabs to switch between workspaces, and a button that makes another. */
function WorkspaceTabs({
  app,
  workspaces,
  currentId,
}: {
  app: App
  workspaces: readonly Workspace[]
  currentId: string
}) {
  const { text } = useMessages()
  const [isNaming, setNaming] = useState(false)
  // On narrow screens it may be beside what is shown of the tabs.
  const showTab = useCallback(
    (tab: HTMLElement | null) => tab?.scrollIntoView({ block: 'nearest', inline: 'nearest' }),
    [],
  )
  const create = async (name: string) => {
    const workspace = await app.client.api.workspaces.create({ name })
    app.navigate(paths.workspace(workspace.id))
  }
  return (
    <nav className="tabs" aria-label={text('boards.workspaces')}>
      {workspaces.map(({ id, name }) => (
        <a
          key={id}
          className="tab"
          href={paths.workspace(id)}
          aria-current={id === currentId ? 'page' : undefined}
          ref={id === currentId ? showTab : null}
        >
          <bdi>{name}</bdi>
        </a>
      ))}
      <button type="button" className="quiet" onClick={() => setNaming(true)}>
        {text('boards.newWorkspace')}
      </button>
      <Suspense fallback={null}>
        {isNaming && (
          <NameDialog
            title={text('boards.newWorkspace')}
            action={text('action.create')}
            onClose={() => setNaming(false)}
            onSubmit={create}
          />
        )}
      </Suspense>
    </nav>
  )
}
