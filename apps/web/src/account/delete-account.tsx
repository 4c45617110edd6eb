import { MindfuseError } from '@mindfuse/client'
import { Suspense, useCallback, useState } from 'react'
import type { App } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { useLive } from '../app/use-live.ts'
import { useMessages } from '../language/language.ts'
import { ConfirmDialog } from '../ui/dialogs.tsx'
import { messageOf } from '../ui/toast.ts'

/** One page is enough for the workspaces of any user. */
const MAX_WORKSPACES = 100

/** Deletes the account, and says before what happens to what the user owns. */
export function DeleteAccount({ app }: { app: App }) {
  const { text } = useMessages()
  const [isAsking, setAsking] = useState(false)
  const remove = async () => {
    await app.client.api.request('DELETE /api/auth/me')
    await app.forget()
  }
  return (
    <section className="settings">
      <h2>{text('account.delete')}</h2>
      <ul className="hint">
        <li>{text('account.delete.own')}</li>
        <li>{text('account.delete.shared')}</li>
        <li>{text('account.delete.sole')}</li>
      </ul>
      <div>
        <button type="button" className="danger" onClick={() => setAsking(true)}>
          {text('account.delete')}
        </button>
      </div>
      <Suspense fallback={null}>
        {isAsking && (
          <ConfirmDialog
            title={text('account.delete')}
            action={text('account.delete.action')}
            typed={{ label: text('account.delete.typed'), value: app.user.email ?? '' }}
            problemOf={(error) =>
              isSoleOwner(error) ? <Blocking app={app} error={error} /> : messageOf(error)
            }
            onClose={() => setAsking(false)}
            onConfirm={remove}
          >
            <p>{text('account.delete.ask')}</p>
          </ConfirmDialog>
        )}
      </Suspense>
    </section>
  )
}

function isSoleOwner(error: unknown): error is MindfuseError {
  return error instanceof MindfuseError && error.code === 'sole_owner'
}

/** The workspaces that only the user owns and others use, with the way to what has to be done with them. */
function Blocking({ app, error }: { app: App; error: MindfuseError }) {
  const { text } = useMessages()
  const { workspaces } = app.client.api
  const read = useCallback(() => workspaces.list({ limit: MAX_WORKSPACES }), [workspaces])
  const own = useLive(read, undefined).value?.items ?? []
  const ids = error.fields.map(({ pointer }) => pointer.replace('/workspaces/', ''))
  return (
    <>
      <p>{text('account.delete.blocked')}</p>
      <ul>
        {own
          .filter(({ id }) => ids.includes(id))
          .map(({ id, name }) => (
            <li key={id}>
              <a href={paths.settings(id, 'members')}>
                <bdi>{name}</bdi>
              </a>
            </li>
          ))}
      </ul>
    </>
  )
}
