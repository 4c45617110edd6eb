import { useBoards, useEvents } from '@mindfuse/react'
import { useCallback, useEffect, useMemo } from 'react'
import { PagedList } from '../app/paged-list.tsx'
import { useAddressQuery } from '../app/use-address-query.ts'
import { useLive } from '../app/use-live.ts'
import { useNews } from '../app/use-news.ts'
import { type PageQuery, usePages } from '../app/use-pages.ts'
import { useMessages } from '../language/language.ts'
import { AuditFilters } from './audit-filters.tsx'
import { apiQueryOf, readAuditQuery, writeAuditQuery } from './audit-query.ts'
import { AuditRow } from './audit-row.tsx'
import type { SectionProps } from './section-props.ts'

/** Most members who are offered to look for; others are found by their entries. */
const MAX_MEMBERS = 100

/** How often it is looked for entries that no event tells of, such as those of links and keys, milliseconds. */
const LOOK_INTERVAL_MS = 30_000

/** What was done in the workspace, by whom, and when. What comes meanwhile is announced, and moves nothing. */
export function AuditSection({ app, workspace, visit }: SectionProps) {
  const { text } = useMessages()
  const { request, workspaces } = app.client.api
  const [query, change] = useAddressQuery(readAuditQuery, writeAuditQuery, visit)
  const { boards } = useBoards({ workspaceId: workspace.id })
  const readMembers = useCallback(
    () => workspaces.members(workspace.id, { limit: MAX_MEMBERS }),
    [workspaces, workspace.id],
  )
  const members = useLive(readMembers, undefined).value?.items
  const read = useCallback(
    (page: PageQuery) =>
      request('GET /api/workspaces/{workspaceId}/audit', {
        path: { workspaceId: workspace.id },
        query: { ...page, ...apiQueryOf(query) },
      }),
    [request, workspace.id, query],
  )
  const entries = usePages(
    read,
    useEvents({ workspaceId: workspace.id }),
    'boards:update',
    'members:update',
    'workspaces:update',
    'memberships:update',
    'invites:update',
  )
  useReloads(entries.reload)
  const { pages, count, show } = useNews(entries, read)
  /** The names of members and boards, which entries are about. */
  const names = useMemo(
    () =>
      new Map([
        ...(members ?? []).map(({ userId, name }) => [userId, name] as const),
        ...(boards ?? []).map(({ id, name }) => [id, name] as const),
      ]),
    [members, boards],
  )
  return (
    <section className="settings wide">
      <h2>{text('settings.audit')}</h2>
      <AuditFilters query={query} members={members ?? []} onChange={change} />
      <p role="status" className="news">
        {count > 0 && (
          <button type="button" onClick={show}>
            {text('audit.new', { count })}
          </button>
        )}
      </p>
      <PagedList label={text('settings.audit')} empty={text('audit.none')} pages={pages}>
        {(entry) => (
          <AuditRow
            key={entry.id}
            entry={entry}
            names={names}
            onPerson={() => change({ person: entry.actorId })}
          />
        )}
      </PagedList>
    </section>
  )
}

/** Reads again now and then, while the page is seen. */
function useReloads(reload: () => void): void {
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') reload()
    }, LOOK_INTERVAL_MS)
    return () => clearInterval(timer)
  }, [reload])
}
