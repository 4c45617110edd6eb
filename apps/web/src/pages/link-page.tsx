import { type Client, type LinkInput, type LinkPreview, MindfuseError } from '@mindfuse/client'
import { useCallback, useEffect, useState } from 'react'
import type { App } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { createAnonymousClient } from '../app/session.ts'
import type { PlainKey } from '../language/catalogue.ts'
import { useMessages } from '../language/language.ts'
import { isNameless } from '../ui/kinds.ts'
import { NAME_ELEMENTS } from '../ui/name-elements.tsx'
import { messageOf } from '../ui/toast.ts'
import { asksForPassword, LinkForm } from './link-form.tsx'
import { BoardsLink, MessagePage, SignInLink } from './simple-pages.tsx'

/** Why a link opens nothing, and what to do. */
const CLOSED: Partial<Record<string, [title: PlainKey, text: PlainKey]>> = {
  link_not_found: ['link.notFound', 'link.notFound.text'],
  link_expired: ['link.expired', 'link.askForNew'],
  link_revoked: ['link.revoked', 'link.askForNew'],
  board_gone: ['link.boardGone', 'link.boardGone.text'],
  guests_not_allowed: ['link.noGuests', 'link.noGuests.text'],
  invite_predates_removal: ['link.predatesRemoval', 'link.predatesRemoval.text'],
}

const closedBy = (error: unknown) =>
  error instanceof MindfuseError ? CLOSED[error.code] : undefined

/** The page that a link to a board opens, for people and for guests. */
export default function LinkPage({ app, token }: { app: App | undefined; token: string }) {
  const { text } = useMessages()
  const isPerson = app?.user.kind === 'person'
  const client = useLinkClient(app)
  const [preview, setPreview] = useState<LinkPreview>()
  const [failure, setFailure] = useState<{ error: unknown }>()
  const fail = useCallback((error: unknown) => setFailure({ error }), [])

  const open = useCallback(() => {
    if (!client) return
    setFailure(undefined)
    const look = async () => {
      // Nobody becomes a guest without a click.
      const found = await client.previewLink(token)
      if (!isPerson) return setPreview(found)
      await enter(client, token, {}).catch((error) => {
        if (!asksForPassword(error)) throw error
        setPreview(found)
      })
    }
    look().catch(fail)
  }, [client, token, isPerson, fail])
  useEffect(open, [open])

  const closed = closedBy(failure?.error)
  if (closed) {
    const [title, reason] = closed
    return (
      <MessagePage title={text(title)}>
        <p>{text(reason)}</p>
        {isPerson ? <BoardsLink /> : <SignInLink path={paths.link(token)} />}
      </MessagePage>
    )
  }
  return (
    <MessagePage title={text('link.title')}>
      <div className="message-content" aria-live="polite">
        {!preview && !failure && text('link.opening')}
        {failure && (
          <>
            <p className="problem">{messageOf(failure.error)}</p>
            <button type="button" onClick={open}>
              {text('action.tryAgain')}
            </button>
          </>
        )}
        {client && preview && !failure && (
          <>
            <SharedBy preview={preview} />
            <LinkForm
              preview={preview}
              isPerson={isPerson}
              name={nameOf(app)}
              isForPage={(error) => closedBy(error) !== undefined}
              onOpen={(input) => enter(client, token, input)}
              onFail={fail}
            />
            {!isPerson && (
              <SignInLink path={paths.link(token)} className="">
                {text('link.signInInstead')}
              </SignInLink>
            )}
          </>
        )}
      </div>
    </MessagePage>
  )
}

/** Who opens the link: the user, or whoever its cookies will belong to. */
function useLinkClient(app: App | undefined): Client | undefined {
  const [client, setClient] = useState(app?.client)
  useEffect(() => {
    if (app) return setClient(app.client)
    const anonymous = createAnonymousClient()
    setClient(anonymous)
    return () => void anonymous.close()
  }, [app])
  return client
}

function SharedBy({ preview: { sharedBy, boardName, role } }: { preview: LinkPreview }) {
  const { rich } = useMessages()
  return (
    <p>
      {rich('link.sharedBy', {
        name: sharedBy,
        board: boardName,
        role,
        ...NAME_ELEMENTS,
      })}
    </p>
  )
}

/** A guest's name, if they gave one. */
function nameOf(app: App | undefined): string {
  return app && !isNameless(app.user) ? app.user.name : ''
}

/** Goes on to the board as whom the link let in. The link is left neither in the address bar nor in the history. */
async function enter(client: Client, token: string, input: LinkInput): Promise<void> {
  const { board } = await client.openLink(token, input)
  location.replace(paths.board(board.id))
}
