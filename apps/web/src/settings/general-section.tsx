import type { Workspace } from '@mindfuse/client'
import { Suspense, useState } from 'react'
import { paths } from '../app/router.ts'
import { useMessages } from '../language/language.ts'
import { ConfirmDialog, NameDialog } from '../ui/dialogs.tsx'
import { isolate } from '../ui/isolate.ts'
import { Select } from '../ui/select.tsx'
import { toast } from '../ui/toast.ts'
import { useChosen } from '../ui/use-chosen.ts'
import type { SectionProps } from './section-props.ts'

const GUEST_SETTINGS = [
  'edit',
  'comment',
  'view',
  'off',
] as const satisfies readonly Workspace['guests'][]

/** Name, guests, and the ways out: leaving and deleting. */
export function GeneralSection(props: SectionProps) {
  const { type, access } = props.workspace
  const isTeam = type === 'team'
  return (
    <>
      {access.can.rename && <Name {...props} />}
      {access.can.rename && <Guests {...props} />}
      {isTeam && <Leave {...props} />}
      {isTeam && access.can.delete && <Delete {...props} />}
    </>
  )
}

function Name({ app, workspace, reload }: SectionProps) {
  const { text } = useMessages()
  const [isNaming, setNaming] = useState(false)
  const rename = async (name: string) => {
    await app.client.api.workspaces.update(workspace.id, { name }).finally(reload)
  }
  return (
    <section className="settings">
      <h2>{text('field.name')}</h2>
      <div className="row">
        <span className="row-text">
          <span>
            <bdi>{workspace.name}</bdi>
          </span>
        </span>
        <button type="button" onClick={() => setNaming(true)}>
          {text('action.rename')}
        </button>
      </div>
      <Suspense fallback={null}>
        {isNaming && (
          <NameDialog
            title={text('settings.rename')}
            action={text('action.rename')}
            name={workspace.name}
            onClose={() => setNaming(false)}
            onSubmit={rename}
          />
        )}
      </Suspense>
    </section>
  )
}

/** What guests may do at most. */
function Guests({ app, workspace, reload }: SectionProps) {
  const { text } = useMessages()
  const [guests, choose] = useChosen(workspace.guests, async (guests) => {
    await app.client.api.workspaces.update(workspace.id, { guests }).finally(reload)
    toast(text('settings.saved'))
  })
  return (
    <section className="settings">
      <h2>{text('settings.guests')}</h2>
      <p className="hint">{text('settings.guests.text')}</p>
      <div className="row">
        <span aria-hidden="true">{text('settings.guests.may')}</span>
        <Select
          label={text('settings.guests.may')}
          value={guests}
          options={GUEST_SETTINGS.map((value) => ({
            value,
            label: text(`settings.guests.${value}`),
          }))}
          onChange={choose}
        />
      </div>
    </section>
  )
}

function Leave({ app, workspace }: SectionProps) {
  const { text } = useMessages()
  const [isAsking, setAsking] = useState(false)
  const leave = async () => {
    await app.client.api.workspaces.removeMember(workspace.id, app.user.id)
    app.navigate(paths.home)
  }
  return (
    <section className="settings">
      <h2>{text('settings.leave')}</h2>
      <p className="hint">{text('settings.leave.text')}</p>
      <div>
        <button type="button" className="danger" onClick={() => setAsking(true)}>
          {text('settings.leave')}
        </button>
      </div>
      <Suspense fallback={null}>
        {isAsking && (
          <ConfirmDialog
            title={text('settings.leave')}
            action={text('action.leave')}
            onClose={() => setAsking(false)}
            onConfirm={leave}
          >
            <p>{text('settings.leave.ask', { name: isolate(workspace.name) })}</p>
          </ConfirmDialog>
        )}
      </Suspense>
    </section>
  )
}

function Delete({ app, workspace }: SectionProps) {
  const { text } = useMessages()
  const [isAsking, setAsking] = useState(false)
  const remove = async () => {
    await app.client.api.workspaces.delete(workspace.id)
    app.navigate(paths.home)
  }
  return (
    <section className="settings">
      <h2>{text('settings.delete')}</h2>
      <p className="hint">{text('settings.delete.text')}</p>
      <div>
        <button type="button" className="danger" onClick={() => setAsking(true)}>
          {text('settings.delete')}
        </button>
      </div>
      <Suspense fallback={null}>
        {isAsking && (
          <ConfirmDialog
            title={text('settings.delete')}
            action={text('settings.delete.action')}
            typed={{
              label: text('settings.delete.typed', { name: isolate(workspace.name) }),
              value: workspace.name,
            }}
            onClose={() => setAsking(false)}
            onConfirm={remove}
          >
            <p>{text('settings.delete.ask')}</p>
          </ConfirmDialog>
        )}
      </Suspense>
    </section>
  )
}
