import type { Reply } from '@mindfuse/client'
import { useCallback, useEffect, useState } from 'react'
import type { App } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { useMessages } from '../language/language.ts'
import { isolate } from '../ui/isolate.ts'
import { NAME_ELEMENTS } from '../ui/name-elements.tsx'
import { attempt, messageOf } from '../ui/toast.ts'
import { BoardsLink, MessagePage, SignedInAs, SignInLink } from './simple-pages.tsx'

type Preview = Reply<'GET /api/invites/{token}'>

/** What became of an invite; `unknown` where there is none. */
type Found = Preview | 'unknown' | { error: unknown }

/** The page an invite link opens, also before sign-in. */
export default function InvitePage({ app, token }: { app: App | undefined; token: string }) {
  const { text } = useMessages()
  const [found, setFound] = useState<Found>()
  const load = useCallback(() => {
    setFound(undefined)
    readPreview(token).then(
      (preview) => setFound(preview ?? 'unknown'),
      (error) => setFound({ error }),
    )
  }, [token])
  useEffect(load, [load])
  if (found === 'unknown') return <ClosedInvite app={app} state="unknown" />
  if (found && 'state' in found && found.state !== 'open') {
    return <ClosedInvite app={app} state={found.state} />
  }
  return (
    <MessagePage title={text('invite.title')}>
      <div className="message-content" aria-live="polite">
        {!found && text('invite.opening')}
        {found && 'error' in found && (
          <>
            <p className="problem">{messageOf(found.error)}</p>
            <button type="button" onClick={load}>
              {text('action.tryAgain')}
            </button>
          </>
        )}
        {found && 'state' in found && <OpenInvite app={app} token={token} preview={found} />}
      </div>
    </MessagePage>
  )
}

function OpenInvite({
  app,
  token,
  preview: { boardName, emailHint, inviterName, role },
}: {
  app: App | undefined
  token: string
  preview: Preview
}) {
  const { text, rich } = useMessages()
  const path = paths.invite(token)
  const join = async ({ client, navigate }: App) => {
    const { board } = await client.api.invites.accept(token)
    navigate(paths.board(board.id))
  }
  return (
    <>
      <p>
        {rich('invite.text', {
          name: inviterName ?? '',
          board: boardName ?? '',
          role,
          ...NAME_ELEMENTS,
        })}
      </p>
      {emailHint && (
        <p className="hint">{text('invite.forEmail', { email: isolate(emailHint) })}</p>
      )}
      {app ? (
        <>
          <button type="button" className="primary large" onClick={() => attempt(() => join(app))}>
            {text('link.open')}
          </button>
          <SignedInAs user={app.user} path={path} />
        </>
      ) : (
        <SignInLink path={path} className="button primary large">
          {text('invite.signIn')}
        </SignInLink>
      )}
    </>
  )
}

function ClosedInvite({
  app,
  state,
}: {
  app: App | undefined
  state: Exclude<Preview['state'], 'open'> | 'unknown'
}) {
  const { text } = useMessages()
  return (
    <MessagePage title={text(state === 'unknown' ? 'invite.notFound' : 'invite.closed')}>
      <p>{text(`invite.closed.${state}`)}</p>
      {app ? <BoardsLink /> : <SignInLink path={paths.home} />}
    </MessagePage>
  )
}

/** Bypasses the SDK, which needs a token for every route: a guest has none yet. */
async function readPreview(token: string): Promise<Preview | undefined> {
  const response = await fetch(`/api/invites/${encodeURIComponent(token)}`)
  if (response.status === 404 || response.status === 410) return undefined
  if (!response.ok) throw new Error(`the API answered ${response.status}`)
  return (await response.json()) as Preview
}
