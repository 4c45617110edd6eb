import type { Workspace } from '@mindfuse/client'
import type { App } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { avatar } from './avatar.ts'
import { h } from './dom.ts'
import { logo } from './logo.ts'
import { menuButton } from './menu.ts'
import { attempt } from './toast.ts'

/** The header of list pages: home link and account menu. */
export function siteHeader(app: App): HTMLElement {
  return h(
    'header',
    { class: 'site-header' },
    h('a', { class: 'home-link', href: paths.home }, logo(), 'Mindfuse'),
    h('span', { class: 'spacer' }),
    avatar(app.user),
    h('span', { class: 'user-name' }, app.user.name),
    menuButton('Account', [
      ...(app.user.isAdmin
        ? [{ label: 'Operations', onChoose: () => app.navigate(paths.operations) }]
        : []),
      { label: 'Sign out', onChoose: () => attempt(() => app.signOut()) },
    ]).element,
  )
}

/** Tabs to switch between workspaces. */
export function workspaceTabs(
  workspaces: readonly Workspace[],
  currentId: string | undefined,
  extra: HTMLElement,
): HTMLElement {
  const links = workspaces.map(({ id, name }) =>
    h(
      'a',
      { href: paths.workspace(id), 'aria-current': id === currentId && 'page', class: 'tab' },
      name,
    ),
  )
  return h('nav', { class: 'tabs', 'aria-label': 'Workspaces' }, ...links, extra)
}
