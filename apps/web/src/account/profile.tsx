import { Suspense, useRef, useState } from 'react'
import type { App } from '../app/app.ts'
import { useMessages } from '../language/language.ts'
import { Avatar } from '../ui/avatar.tsx'
import { NameDialog } from '../ui/dialogs.tsx'
import { attempt } from '../ui/toast.ts'

/** Who the user is here, under a name of their choice. */
export function Profile({ app: { client, user, setUser } }: { app: App }) {
  const { text, date } = useMessages()
  const [isNaming, setNaming] = useState(false)
  const renameButton = useRef<HTMLButtonElement>(null)
  const rename = async (name: string | null) => setUser(await client.api.account.update({ name }))
  const takeBack = async () => {
    // The button that has the focus goes.
    renameButton.current?.focus()
    await rename(null)
  }
  return (
    <section className="settings">
      <h2>{text('account.profile')}</h2>
      <div className="row">
        <Avatar person={user} />
        <span className="row-text">
          <span>
            <bdi>{user.name}</bdi>
          </span>
          <span className="hint">{user.email}</span>
        </span>
        <span className="hint">{text('account.since', { date: date(user.createdAt) })}</span>
      </div>
      <p className="hint">
        {text(user.hasChosenName ? 'account.profile.chosen' : 'account.profile.text')}
      </p>
      <div className="row">
        <button ref={renameButton} type="button" onClick={() => setNaming(true)}>
          {text('account.rename')}
        </button>
        {user.hasChosenName && (
          <button type="button" className="quiet" onClick={() => attempt(takeBack)}>
            {text('account.rename.back')}
          </button>
        )}
      </div>
      <Suspense fallback={null}>
        {isNaming && (
          <NameDialog
            title={text('account.rename')}
            action={text('action.rename')}
            name={user.name}
            onClose={() => setNaming(false)}
            onSubmit={rename}
          />
        )}
      </Suspense>
    </section>
  )
}
