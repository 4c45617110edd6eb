import type { Reply } from '@mindfuse/client'
import type { App, Page } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { signInUrl } from '../app/session.ts'
import { titleOf } from '../app/title-of.ts'
import { button } from '../ui/button.ts'
import { fill, h } from '../ui/dom.ts'
import { attempt, messageOf } from '../ui/toast.ts'
import { messagePage } from './simple-pages.ts'

type Preview = Reply<'GET /api/invites/{token}'>

const INVITED_TO: Record<Preview['role'], string> = {
  owner: 'to draw on',
  editor: 'to draw on',
  commenter: 'to comment on',
  viewer: 'to view',
}

const CLOSED = {
  expired: 'This invite has expired. Ask for a new one.',
  revoked: 'This invite was revoked. Ask for a new one.',
  exhausted: 'This invite has no uses left. Ask for a new one.',
  unknown: 'Check that the link is complete, or ask for a new one: the board may be gone.',
}

/** The page an invite link opens, also before sign-in. */
export function invitePage(app: App | undefined, token: string): Page {
  const content = h(
    'div',
    { class: 'message-content', 'aria-live': 'polite' },
    'Opening the invite…',
  )
  const page = messagePage('You are invited', content)
  const path = paths.invite(token)

  const join = async (app: App) => {
    const { board } = await app.client.api.invites.accept(token)
    app.navigate(paths.board(board.id))
  }
  const showClosed = (reason: keyof typeof CLOSED) => {
    const closed = messagePage(
      reason === 'unknown' ? 'Invite not found' : 'This invite is closed',
      h('p', {}, CLOSED[reason]),
      app
        ? h('a', { class: 'button primary', href: paths.home }, 'Go to my boards')
        : h('a', { class: 'button primary', href: signInUrl(paths.home) }, 'Sign in'),
    )
    page.element.replaceWith(closed.element)
    document.title = titleOf(closed.title)
  }
  const show = async () => {
    const preview = await readPreview(token)
    if (!preview) return showClosed('unknown')
    const { boardName, inviterName, role, state } = preview
    if (state !== 'open') return showClosed(state)
    fill(
      content,
      h(
        'p',
        {},
        h('bdi', {}, inviterName),
        ` invited you ${INVITED_TO[role]} `,
        h('strong', {}, h('bdi', {}, boardName)),
        '.',
      ),
      app
        ? button('Open board', () => attempt(() => join(app)), 'primary large')
        : h('a', { class: 'button primary large', href: signInUrl(path) }, 'Sign in to join'),
      app &&
        h(
          'p',
          { class: 'hint' },
          `You are signed in as ${app.user.email}. `,
          h('a', { href: signInUrl(path, { selectAccount: true }) }, 'Use another account'),
        ),
    )
  }
  show().catch((error) => fill(content, h('p', { class: 'problem' }, messageOf(error))))
  return page
}

/** Bypasses the SDK, which needs a token for every route: a guest has none yet. */
async function readPreview(token: string): Promise<Preview | undefined> {
  const response = await fetch(`/api/invites/${encodeURIComponent(token)}`)
  if (response.status === 404 || response.status === 410) return undefined
  if (!response.ok) throw new Error(`the API answered ${response.status}`)
  return (await response.json()) as Preview
}
