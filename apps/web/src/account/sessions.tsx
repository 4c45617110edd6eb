import type { Reply } from '@mindfuse/client'
import { Suspense, useState } from 'react'
import type { App } from '../app/app.ts'
import { useLive } from '../app/use-live.ts'
import { useSignOut } from '../app/use-sign-out.tsx'
import { useMessages } from '../language/language.ts'
import { deviceText } from '../ui/device-text.ts'
import { ConfirmDialog } from '../ui/dialogs.tsx'
import { ErrorText } from '../ui/error-text.tsx'
import { SkeletonRows } from '../ui/skeleton-rows.tsx'
import { attempt } from '../ui/toast.ts'

type Session = Reply<'GET /api/auth/sessions'>['items'][number]

/** Where the user is signed in: ends one session, or all. */
export function Sessions({ app }: { app: App }) {
  const { text } = useMessages()
  const { account } = app.client.api
  const sessions = useLive(account.sessions, undefined)
  const [isAsking, setAsking] = useState(false)
  const items = sessions.value?.items ?? []

  const end = ({ id }: Session) => attempt(() => account.endSession(id).finally(sessions.reload))
  // Before this one, which is needed to end them.
  const endOthers = async () => {
    const others = items.filter(({ current }) => !current)
    await Promise.all(others.map(({ id }) => account.endSession(id))).finally(sessions.reload)
  }
  const { signOut, dialog } = useSignOut(app, endOthers)
  return (
    <section className="settings">
      <h2>{text('account.sessions')}</h2>
      <p className="hint">{text('account.sessions.text')}</p>
      <ErrorText error={sessions.error} />
      {sessions.value ? (
        <ul className="rows" aria-label={text('account.sessions')}>
          {items.map((session) => (
            <SessionRow key={session.id} session={session} onEnd={() => end(session)} />
          ))}
        </ul>
      ) : (
        sessions.error === undefined && <SkeletonRows />
      )}
      <div>
        <button type="button" className="danger" onClick={() => setAsking(true)}>
          {text('account.signOutEverywhere')}
        </button>
      </div>
      {dialog}
      <Suspense fallback={null}>
        {isAsking && (
          <ConfirmDialog
            title={text('account.signOutEverywhere')}
            action={text('account.signOut')}
            onClose={() => setAsking(false)}
            onConfirm={signOut}
          >
            <p>{text('account.signOutEverywhere.text')}</p>
          </ConfirmDialog>
        )}
      </Suspense>
    </section>
  )
}

function SessionRow({ session, onEnd }: { session: Session; onEnd: () => void }) {
  const messages = useMessages()
  const { text, ago, date } = messages
  const device = deviceText(session.userAgent, messages)
  const details = [
    session.ip,
    text('account.session.used', { ago: ago(session.lastUsedAt) }),
    text('account.session.since', { date: date(session.createdAt) }),
  ].filter((detail) => detail !== null)
  return (
    <li>
      <span className="row-text">
        <span title={session.userAgent ?? undefined}>{device}</span>
        <span className="hint">{details.join(' · ')}</span>
      </span>
      {session.current ? (
        <span className="badge">{text('account.session.this')}</span>
      ) : (
        <button
          type="button"
          className="quiet"
          aria-label={text('account.session.end', { device })}
          onClick={onEnd}
        >
          {text('account.signOut')}
        </button>
      )}
    </li>
  )
}
