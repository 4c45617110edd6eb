import { useBoards } from '@mindfuse/react'
import { Suspense, useState } from 'react'
import { chooseLanguage, LANGUAGES, nameOfLanguage, useMessages } from '../language/language.ts'
import { Avatar } from '../ui/avatar.tsx'
import { MenuButton } from '../ui/menu-button.tsx'
import type { MenuEntry } from '../ui/menu-entry.ts'
import { attempt } from '../ui/toast.ts'
import type { App } from './app.ts'
import { paths } from './router.ts'
import { SignOutDialog } from './sign-out-dialog.tsx'
import { type ThemeChoice, useTheme } from './theme.ts'

const THEMES = ['system', 'light', 'dark'] as const

/** The header of list pages: home link and account menu. */
export function SiteHeader({ app }: { app: App }) {
  const { text, language } = useMessages()
  const { choice, choose } = useTheme()
  const [signingOut, setSigningOut] = useState<readonly string[]>()
  const { boards = [] } = useBoards()

  const signOut = () =>
    attempt(async () => {
      const unsent = await app.client.unsentBoards()
      if (unsent.length === 0) await app.signOut()
      else setSigningOut(unsent.map(({ boardId }) => boardId))
    })
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
    { label: text('account.signOut'), onChoose: signOut },
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
      <Suspense fallback={null}>
        {signingOut && (
          <SignOutDialog
            boards={signingOut.map((id) => ({
              id,
              name: boards.find((board) => board.id === id)?.name,
            }))}
            onClose={() => setSigningOut(undefined)}
            onConfirm={app.signOut}
          />
        )}
      </Suspense>
    </header>
  )
}
