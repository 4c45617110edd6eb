import { type EventsState, MindfuseError, type Workspace } from '@mindfuse/client'
import { useBoards, useEvents } from '@mindfuse/react'
import { useCallback, useEffect } from 'react'
import type { App } from '../app/app.ts'
import { rememberList } from '../app/last-list.ts'
import { SiteHeader } from '../app/site-header.tsx'
import { useLive } from '../app/use-live.ts'
import { useTitle } from '../app/use-title.ts'
import { useMessages } from '../language/language.ts'
import { deniedPage, NotFoundPage, refusedPage } from '../pages/simple-pages.tsx'
import { ErrorText } from '../ui/error-text.tsx'
import { Invitations } from './invitations.tsx'
import { SkeletonPage } from './skeleton-page.tsx'
import { WorkspaceBoards } from './workspace-boards.tsx'

/** One page is enough for the workspaces of any user. */
const MAX_WORKSPACES = 100

/**
 * Live lists of the boards of a workspace, by default the personal one, and of boards that are shared with the user.
 *
 * @param visit another object after each navigation
 */
export function BoardsPage({
  app,
  workspaceId,
  visit,
}: {
  app: App
  workspaceId: string | undefined
  visit: object
}) {
  const { text } = useMessages()
  const { client } = app
  const events = useEvents()
  const { boards, status } = useBoards()
  const workspaces = useLive(
    useCallback(() => everyWorkspace(app), [app]),
    events,
    'workspaces:update',
  )
  const invited = useLive(
    useCallback(() => client.api.memberships.list(), [client]),
    events,
    'memberships:update',
  )
  useTitle(text('boards.title'))

  const current = currentOf(workspaces.value, workspaceId)
  const shownId = current?.id
  useEffect(() => {
    if (shownId !== undefined) rememberList()
  }, [shownId])

  const refused = deniedPage(status) ?? refusedPage(workspaces.error)
  if (refused) return refused
  if (workspaces.value && !current) return <NotFoundPage />

  const isKnown = invited.value !== undefined || invited.error !== undefined
  return (
    <div className="site">
      <SiteHeader app={app} />
      {workspaces.value && current && boards && isKnown ? (
        <>
          <Invitations app={app} memberships={invited.value?.items ?? []} reload={invited.reload} />
          <WorkspaceBoards
            key={current.id}
            app={app}
            workspaces={workspaces.value}
            current={current}
            boards={boards}
            isOnline={status.kind === 'online'}
            withShared={workspaceId === undefined}
            visit={visit}
          />
        </>
      ) : (
        <Waiting
          problem={workspaces.error ?? whyNot(status)}
          onRetry={() => {
            workspaces.reload()
            events?.connect()
          }}
        />
      )}
    </div>
  )
}

/** In place of the lists until they are known, with the reason where that may take long. */
function Waiting({ problem, onRetry }: { problem: unknown; onRetry: () => void }) {
  const { text } = useMessages()
  return (
    <main className="boards-page" aria-busy={problem === undefined}>
      {problem === undefined ? (
        <>
          <p className="visually-hidden">{text('boards.loading')}</p>
          <SkeletonPage />
        </>
      ) : (
        <>
          <ErrorText error={problem} />
          <button type="button" onClick={onRetry}>
            {text('action.tryAgain')}
          </button>
        </>
      )}
    </main>
  )
}

/** Why there are no lists yet, where they are not just loading. */
function whyNot({ kind }: EventsState): MindfuseError | undefined {
  if (kind !== 'offline' && kind !== 'denied') return undefined
  return new MindfuseError('network_error', kind)
}

/** The user's workspaces, the personal one first. */
async function everyWorkspace(app: App): Promise<Workspace[]> {
  const { items } = await app.client.api.workspaces.list({
    limit: MAX_WORKSPACES,
    sort: 'createdAt',
  })
  return items.toSorted((a, b) => Number(b.type === 'personal') - Number(a.type === 'personal'))
}

/** The workspace of an address; that of `undefined` is the first. */
function currentOf(
  workspaces: readonly Workspace[] | undefined,
  workspaceId: string | undefined,
): Workspace | undefined {
  if (workspaceId === undefined) return workspaces?.[0]
  return workspaces?.find(({ id }) => id === workspaceId)
}
