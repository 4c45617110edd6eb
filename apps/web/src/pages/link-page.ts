import { type Client, type LinkInput, type LinkPreview, MindfuseError } from '@mindfuse/client'
import type { App, Page } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { createAnonymousClient, signInUrl } from '../app/session.ts'
import { titleOf } from '../app/title-of.ts'
import { button } from '../ui/button.ts'
import { type Child, fill, h } from '../ui/dom.ts'
import { isNameless } from '../ui/kinds.ts'
import { messageOf } from '../ui/toast.ts'
import { waitText } from '../ui/wait-text.ts'
import { messagePage } from './simple-pages.ts'

const SHARED_TO: Record<LinkPreview['role'], string> = {
  editor: 'to draw on',
  commenter: 'to comment on',
  viewer: 'to view',
}

/** Why a link opens nothing, and what to do. */
const CLOSED: Partial<Record<string, [title: string, text: string]>> = {
  link_not_found: ['Link not found', 'Check that the link is complete, or ask for a new one.'],
  link_expired: ['This link has expired', 'Ask for a new one.'],
  link_revoked: ['This link was revoked', 'Ask for a new one.'],
  board_gone: ['This board is gone', 'It was deleted, or moved to the trash.'],
  guests_not_allowed: ['Sign in to open this board', 'Its workspace lets no guests in.'],
  invite_predates_removal: [
    'This link does not let you in',
    'Your access was removed or reduced after it was made. Ask for a new one.',
  ],
}

/** The page that a link to a board opens, for people and for guests. */
export function linkPage(app: App | undefined, token: string): Page {
  const client = app?.client ?? createAnonymousClient()
  const isPerson = app?.user.kind === 'person'
  const content = h('div', { class: 'message-content', 'aria-live': 'polite' }, 'Opening the link…')
  const page = messagePage('A board for you', content)
  const signIn = (text: string, className = '') =>
    h('a', { class: className, href: signInUrl(paths.link(token)) }, text)

  const showClosed = ([title, text]: [string, string]) => {
    const wayOn = isPerson
      ? h('a', { class: 'button primary', href: paths.home }, 'Go to my boards')
      : signIn('Sign in', 'button primary')
    const closed = messagePage(title, h('p', {}, text), wayOn)
    page.element.replaceWith(closed.element)
    document.title = titleOf(title)
  }
  const fail = (error: unknown) => {
    const closed = error instanceof MindfuseError ? CLOSED[error.code] : undefined
    if (closed) showClosed(closed)
    else
      fill(content, h('p', { class: 'problem' }, messageOf(error)), button('Try again', tryToOpen))
  }
  const ask = (preview: LinkPreview) => {
    const form = linkForm(preview, {
      isPerson,
      name: nameOf(app),
      open: (input) => enter(client, token, input),
      fail,
    })
    fill(content, sharedBy(preview), form, !isPerson && signIn('Sign in instead'))
    form.querySelector('input')?.focus()
  }
  const open = async () => {
    // Nobody becomes a guest without a click.
    const preview = await client.previewLink(token)
    if (!isPerson) return ask(preview)
    await enter(client, token, {}).catch((error) => {
      if (!asksForPassword(error)) throw error
      ask(preview)
    })
  }
  const tryToOpen = () => void open().catch(fail)
  tryToOpen()
  return {
    ...page,
    close() {
      if (client !== app?.client) void client.close()
    },
  }
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

function sharedBy({ sharedBy, boardName, role }: LinkPreview): HTMLElement {
  return h(
    'p',
    {},
    h('bdi', {}, sharedBy),
    ` shared a board with you ${SHARED_TO[role]}: `,
    h('strong', {}, h('bdi', {}, boardName)),
  )
}

/** Asks for what the link needs. Who gives no name only looks. */
function linkForm(
  { needsName, needsPassword }: LinkPreview,
  options: {
    isPerson: boolean
    name: string
    open: (input: LinkInput) => Promise<void>
    fail: (error: unknown) => void
  },
): HTMLFormElement {
  const { isPerson, open, fail } = options
  const name = needsName && !isPerson ? nameField(options.name) : undefined
  const password = needsPassword ? passwordField() : undefined
  const problem = h('p', { class: 'problem', role: 'alert' })

  const submit = (input: LinkInput) => {
    problem.textContent = ''
    // A second click would make a second guest.
    form.inert = true
    open({ ...input, ...(password?.value && { password: password.value }) }).catch((error) => {
      const text = problemOf(error)
      form.inert = false
      if (text === undefined) return fail(error)
      problem.textContent = text
      password?.select()
    })
  }
  const onSubmit = (event: Event) => {
    event.preventDefault()
    submit(name ? { name: name.value } : {})
  }
  const form = h(
    'form',
    { class: 'link-form', on: { submit: onSubmit } },
    name && labelled('Your name', name),
    password && labelled('Password', password),
    problem,
    h('button', { class: 'primary large' }, 'Open board'),
    name && button('Just look', () => submit({}), 'quiet'),
  )
  return form
}

function nameField(value: string): HTMLInputElement {
  return h('input', { value, required: true, maxlength: 255, autocomplete: 'nickname' })
}

function passwordField(): HTMLInputElement {
  return h('input', { type: 'password', maxlength: 256, autocomplete: 'off' })
}

function labelled(label: string, field: Child): HTMLElement {
  return h('label', {}, h('span', {}, label), field)
}

function asksForPassword(error: unknown): boolean {
  return error instanceof MindfuseError && error.code === 'password_required'
}

/** What the form says about an error that trying again with something else may help against. */
function problemOf(error: unknown): string | undefined {
  if (!(error instanceof MindfuseError)) return undefined
  if (asksForPassword(error)) return 'This link asks for a password.'
  if (error.code === 'password_wrong') return 'This is not the password of this link.'
  if (error.status === 429) {
    const what = error.code === 'too_many_passwords' ? 'wrong passwords' : 'tries'
    return `Too many ${what}. Try again in ${waitText(error.retryAfterMs)}.`
  }
  return CLOSED[error.code] === undefined ? messageOf(error) : undefined
}
