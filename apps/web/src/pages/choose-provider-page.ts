import type { Reply } from '@mindfuse/client'
import type { Page } from '../app/app.ts'
import { signInUrlOf } from '../app/session.ts'
import { button } from '../ui/button.ts'
import { fill, h } from '../ui/dom.ts'
import { messagePage } from './simple-pages.ts'

/** Where there are several identity providers, people choose with which they sign in. */
export function chooseProviderPage(): Page {
  const choices = h('div', { class: 'choices', 'aria-live': 'polite' })
  const show = async () => {
    try {
      fill(choices, ...(await readProviders()).map(linkTo))
    } catch {
      fill(choices, h('p', {}, 'Cannot reach the server.'), button('Try again', show))
    }
  }
  void show()
  return messagePage('Sign in', choices)
}

type Provider = Reply<'GET /api/auth/providers'>['items'][number]

function linkTo({ id, name }: Provider) {
  const href = signInUrlOf(id, location.search)
  return h('a', { class: 'button large', href }, `Sign in with ${name}`)
}

/** Without the SDK, whose requests need a session. */
async function readProviders(): Promise<Provider[]> {
  const response = await fetch('/api/auth/providers')
  if (!response.ok) throw new Error(`status ${response.status}`)
  const { items } = (await response.json()) as Reply<'GET /api/auth/providers'>
  return items
}
