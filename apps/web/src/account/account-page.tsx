import '../settings/settings.css'
import { useBoards } from '@mindfuse/react'
import type { App } from '../app/app.ts'
import { SiteHeader } from '../app/site-header.tsx'
import { THEMES } from '../app/theme.ts'
import { UsageMeters } from '../app/usage-meters.tsx'
import { useLive } from '../app/use-live.ts'
import { useTheme } from '../app/use-theme.ts'
import { useTitle } from '../app/use-title.ts'
import { useMessages } from '../language/language.ts'
import { LanguageSelect } from '../language/language-select.tsx'
import { deniedPage } from '../pages/simple-pages.tsx'
import { ErrorText } from '../ui/error-text.tsx'
import { Select } from '../ui/select.tsx'
import { SkeletonRows } from '../ui/skeleton-rows.tsx'
import { DeleteAccount } from './delete-account.tsx'
import { DownloadData } from './download-data.tsx'
import { Profile } from './profile.tsx'
import { Sessions } from './sessions.tsx'

/** The user's account: profile, sessions, and how to leave. */
export default function AccountPage({ app }: { app: App }) {
  const { text } = useMessages()
  const { status } = useBoards()
  useTitle(text('account.menu'))
  const refused = deniedPage(status)
  if (refused) return refused
  return (
    <div className="site">
      <SiteHeader app={app} />
      <main className="boards-page settings-page">
        <h1>{text('account.menu')}</h1>
        <Profile app={app} />
        <Appearance />
        <Sessions app={app} />
        <Usage app={app} />
        <DownloadData app={app} />
        <DeleteAccount app={app} />
      </main>
    </div>
  )
}

function Appearance() {
  const { text } = useMessages()
  const { choice, choose } = useTheme()
  return (
    <section className="settings">
      <h2>{text('account.appearance')}</h2>
      <p className="hint">{text('account.appearance.text')}</p>
      <div className="row">
        <span aria-hidden="true">{text('account.language')}</span>
        <LanguageSelect />
      </div>
      <div className="row">
        <span aria-hidden="true">{text('account.theme')}</span>
        <Select
          label={text('account.theme')}
          value={choice}
          options={THEMES.map((value) => ({ value, label: text(`theme.${value}`) }))}
          onChange={choose}
        />
      </div>
    </section>
  )
}

/** What counts by the person: over all workspaces that they own. */
function Usage({ app }: { app: App }) {
  const { text } = useMessages()
  const usage = useLive(app.client.api.account.usage, undefined)
  return (
    <section className="settings">
      <h2>{text('settings.usage')}</h2>
      <p className="hint">{text('account.usage.text')}</p>
      {usage.value && <UsageMeters usage={usage.value} />}
      <ErrorText error={usage.error} />
      {!usage.value && usage.error === undefined && <SkeletonRows />}
    </section>
  )
}
