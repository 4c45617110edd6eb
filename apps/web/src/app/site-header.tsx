import { chooseLanguage, LANGUAGES, nameOfLanguage, useMessages } from '../language/language.ts'
import { Avatar } from '../ui/avatar.tsx'
import { MenuButton } from '../ui/menu-button.tsx'
import type { MenuEntry } from '../ui/menu-entry.ts'
import { attempt } from '../ui/toast.ts'
import type { App } from './app.ts'
import { paths } from './router.ts'
import { THEMES, type ThemeChoice } from './theme.ts'
import { useSignOut } from './use-sign-out.tsx'
import { useTheme } from './use-theme.ts'

/** The header of list pages: home link and account menu. */
export function SiteHeader({ app }: { app: App }) {
  const { text, language } = useMessages()
  const { choice, choose } = useTheme()
  const { signOut, dialog } = useSignOut(app)
  const entries: MenuEntry[] = [
    {
      label: text('account.language'),
      value: language,
      options: LANGUAGES.map((value) => ({ value, label: nameOfLanguage(value), lang: value })),
      onChoose: (value) => attempt(() => chooseLanguage(value)),
    },
    {
      label: text('account.theme'),
      value: choice,
      options: THEMES.map((value) => ({ value, label: text(`theme.${value}`) })),
      onChoose: (value) => choose(value as ThemeChoice),
    },
    ...(app.user.isAdmin
      ? [{ label: text('account.operations'), onChoose: () => app.navigate(paths.operations) }]
      : []),
    { label: text('account.open'), onChoose: () => app.navigate(paths.account) },
    { label: text('account.signOut'), onChoose: () => attempt(signOut) },
  ]
  return (
    <header className="site-header">
      <a className="home-link" href={paths.home}>
        <span className="logo" aria-hidden="true" />
        Mindfuse
      </a>
      <span className="spacer" />
      <Avatar person={app.user} />
      <bdi className="user-name">{app.user.name}</bdi>
      <MenuButton label={text('account.menu')} entries={entries} />
      {dialog}
    </header>
  )
}
