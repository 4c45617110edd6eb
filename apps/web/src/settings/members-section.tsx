import { useEvents } from '@mindfuse/react'
import { useCallback, useState } from 'react'
import { PagedList } from '../app/paged-list.tsx'
import { type PageQuery, usePages } from '../app/use-pages.ts'
import { useMessages } from '../language/language.ts'
import { SkeletonRows } from '../ui/skeleton-rows.tsx'
import { InviteForm } from './invite-form.tsx'
import { MemberRow } from './member-row.tsx'
import { PendingOffers, usePendingOffers } from './pending-offers.tsx'
import type { SectionProps } from './section-props.ts'

/** From so many members on they can be searched. */
const SEARCHED_FROM = 10

/** Who is in the workspace, and who is invited. */
export function MembersSection(props: SectionProps) {
  const { manageMembers } = props.workspace.access.can
  return manageMembers ? <ManagedMembers {...props} /> : <Members {...props} />
}

/** The members come once it is known who is invited, which is above them and would move them. */
function ManagedMembers(props: SectionProps) {
  const offers = usePendingOffers(props)
  const isKnown = offers.value !== undefined || offers.error !== undefined
  return (
    <>
      <InviteForm {...props} />
      {isKnown ? (
        <>
          <PendingOffers {...props} offers={offers} />
          <Members {...props} />
        </>
      ) : (
        <SkeletonRows />
      )}
    </>
  )
}

function Members({ app, workspace }: SectionProps) {
  const { text } = useMessages()
  const [q, setQ] = useState('')
  const events = useEvents({ workspaceId: workspace.id })
  const { workspaces } = app.client.api
  const read = useCallback(
    (query: PageQuery) => workspaces.members(workspace.id, { ...query, q: q.trim() }),
    [workspaces, workspace.id, q],
  )
  const members = usePages(read, events, 'members:update')
  const isSearched = q !== '' || (members.value?.length ?? 0) >= SEARCHED_FROM
  return (
    <section className="settings">
      <h2>{text('settings.members')}</h2>
      {isSearched && (
        <input
          type="search"
          aria-label={text('members.search')}
          placeholder={text('members.search')}
          value={q}
          onChange={(event) => setQ(event.target.value)}
        />
      )}
      <PagedList label={text('settings.members')} empty={text('members.noMatch')} pages={members}>
        {(member) => (
          <MemberRow
            key={member.userId}
            app={app}
            workspace={workspace}
            member={member}
            reload={members.reload}
          />
        )}
      </PagedList>
    </section>
  )
}
