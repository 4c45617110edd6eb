import type { Membership } from '@mindfuse/client'
import { useEvents } from '@mindfuse/react'
import { useCallback } from 'react'
import { PagedList } from '../app/paged-list.tsx'
import { paths } from '../app/router.ts'
import { type PageQuery, type Pages, usePages } from '../app/use-pages.ts'
import { useMessages } from '../language/language.ts'
import { CopyField } from '../ui/copy-field.tsx'
import { attempt } from '../ui/toast.ts'
import type { SectionProps } from './section-props.ts'

/** What the workspace has offered and nobody has answered. */
export function usePendingOffers({ app, workspace }: SectionProps): Pages<Membership> {
  const events = useEvents({ workspaceId: workspace.id })
  const { workspaces } = app.client.api
  const read = useCallback(
    (query: PageQuery) => workspaces.memberships(workspace.id, query),
    [workspaces, workspace.id],
  )
  return usePages(read, events, 'memberships:update')
}

/** The list of them, and where they are answered. Nothing without any. */
export function PendingOffers({
  app,
  workspace,
  offers,
}: SectionProps & { offers: Pages<Membership> }) {
  const { text, date } = useMessages()
  const { workspaces } = app.client.api
  if (!offers.value?.length && offers.error === undefined) return null

  const withdraw = ({ id }: Membership) =>
    attempt(() => workspaces.withdrawMembership(workspace.id, id).finally(offers.reload))
  return (
    <section className="settings">
      <h2>{text('members.pending')}</h2>
      <p className="hint">{text('members.pending.text')}</p>
      <CopyField label={text('members.address')} value={`${location.origin}${paths.home}`} />
      <PagedList label={text('members.pending')} pages={offers}>
        {(offer) => (
          <li key={offer.id}>
            <span className="row-text">
              <span>
                <bdi>{offer.email}</bdi>
              </span>
              <span className="hint">
                {offer.kind === 'transfer'
                  ? text('members.pending.transfer')
                  : text('members.pending.as', { role: text(`role.${offer.role}`) })}
                {' · '}
                {text('end.on', { date: date(offer.expiresAt) })}
              </span>
            </span>
            <button
              type="button"
              className="quiet"
              aria-label={text('members.withdraw.of', { name: offer.email })}
              onClick={() => withdraw(offer)}
            >
              {text('members.withdraw')}
            </button>
          </li>
        )}
      </PagedList>
    </section>
  )
}
