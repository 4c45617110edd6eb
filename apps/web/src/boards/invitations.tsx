import type { Membership } from '@mindfuse/client'
import type { ReactNode } from 'react'
import type { App } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { useMessages } from '../language/language.ts'
import { attempt } from '../ui/toast.ts'

/** The workspaces that the user is invited to; nothing without any. */
export function Invitations({
  app,
  memberships,
  reload,
}: {
  app: App
  memberships: readonly Membership[]
  reload: () => void
}) {
  const { text } = useMessages()
  if (memberships.length === 0) return null
  return (
    <section className="invitations">
      <h2>{text('invitations.title', { count: memberships.length })}</h2>
      <ul className="rows" aria-label={text('invitations.list')}>
        {memberships.map((membership) => (
          <Invitation key={membership.id} app={app} membership={membership} reload={reload} />
        ))}
      </ul>
    </section>
  )
}

function Invitation({
  app,
  membership: { id, workspaceName, inviterName, role, kind },
  reload,
}: {
  app: App
  membership: Membership
  reload: () => void
}) {
  const { text, rich } = useMessages()
  const { memberships } = app.client.api
  const accept = async () => {
    const workspace = await memberships.accept(id).finally(reload)
    app.navigate(paths.workspace(workspace.id))
  }
  const b = (name: ReactNode) => <bdi>{name}</bdi>
  return (
    <li>
      <span className="row-text">
        <span>
          <bdi>{workspaceName}</bdi>
        </span>
        <span className="hint">
          {kind === 'transfer'
            ? rich('invitations.transfer', { name: inviterName, b })
            : rich('invitations.member', { name: inviterName, role, b })}
        </span>
      </span>
      <button type="button" className="primary" onClick={() => attempt(accept)}>
        {text('invitations.accept')}
      </button>
      <button
        type="button"
        className="quiet"
        onClick={() => attempt(() => memberships.decline(id).finally(reload))}
      >
        {text('invitations.decline')}
      </button>
    </li>
  )
}
