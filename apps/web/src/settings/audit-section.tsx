import { useBoards } from '@mindfuse/react'
import { useCallback, useMemo } from 'react'
import { PagedList } from '../app/paged-list.tsx'
import { useAddressQuery } from '../app/use-address-query.ts'
import { useLive } from '../app/use-live.ts'
import { type PageQuery, usePages } from '../app/use-pages.ts'
import { useMessages } from '../language/language.ts'
import { AuditFilters } from './audit-filters.tsx'
import { apiQueryOf, readAuditQuery, writeAuditQuery } from './audit-query.ts'
import { AuditRow } from './audit-row.tsx'
import type { SectionProps } from './section-props.ts'

/** Most members who are offered to look for; others are found by their entries. */
const MAX_MEMBERS = 100

/** What was done in the workspace, by whom, and when. */
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
  const entries = usePages(read, undefined)
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
      <PagedList label={text('settings.audit')} empty={text('audit.none')} pages={entries}>
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
