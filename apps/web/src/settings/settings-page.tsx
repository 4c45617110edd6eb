import './settings.css'
import type { Workspace } from '@mindfuse/client'
import { useBoards, useEvents } from '@mindfuse/react'
import { type ReactNode, useCallback } from 'react'
import type { App } from '../app/app.ts'
import { paths, type SettingsSection } from '../app/router.ts'
import { SiteHeader } from '../app/site-header.tsx'
import { useLive } from '../app/use-live.ts'
import { useTitle } from '../app/use-title.ts'
import { useMessages } from '../language/language.ts'
import { deniedPage, NotFoundPage, refusedPage } from '../pages/simple-pages.tsx'
import { ErrorText } from '../ui/error-text.tsx'
import { isolate } from '../ui/isolate.ts'
import { AuditSection } from './audit-section.tsx'
import { GeneralSection } from './general-section.tsx'
import { KeysSection } from './keys-section.tsx'
import { MembersSection } from './members-section.tsx'
import type { SectionProps } from './section-props.ts'
import { sectionsOf } from './sections.ts'
import { SettingsSkeleton } from './settings-skeleton.tsx'
import { UsageSection } from './usage-section.tsx'

const SECTIONS: Record<SettingsSection, (props: SectionProps) => ReactNode> = {
  general: GeneralSection,
  members: MembersSection,
  keys: KeysSection,
  usage: UsageSection,
  audit: AuditSection,
}

/** The settings of a workspace, as far as the user may see them. */
export default function SettingsPage({
  app,
  workspaceId,
  section,
  visit,
}: {
  app: App
  workspaceId: string
  /** By default the first. */
  section: SettingsSection | undefined
  /** Another object after each navigation. */
  visit: object
}) {
  const events = useEvents({ workspaceId })
  const { status } = useBoards({ workspaceId })
  const { workspaces } = app.client.api
  const read = useCallback(() => workspaces.get(workspaceId), [workspaces, workspaceId])
  // What the user may do changes with their own membership.
  const workspace = useLive(read, events, 'workspaces:update', 'members:update')
  const { text } = useMessages()
  useTitle(
    workspace.value ? text('settings.title.of', { name: isolate(workspace.value.name) }) : '',
  )

  const refused = deniedPage(status) ?? refusedPage(workspace.error)
  if (refused) return refused
  const shown = section ?? (workspace.value && sectionsOf(workspace.value)[0])
  if (workspace.value && shown && !sectionsOf(workspace.value).includes(shown)) {
    return <NotFoundPage />
  }
  const Section = shown && SECTIONS[shown]
  return (
    <div className="site">
      <SiteHeader app={app} />
      <main className="boards-page settings-page">
        {workspace.value && Section ? (
          <>
            <Heading workspace={workspace.value} current={shown} />
            <Section
              app={app}
              workspace={workspace.value}
              visit={visit}
              reload={workspace.reload}
            />
          </>
        ) : workspace.error === undefined ? (
          <SettingsSkeleton />
        ) : (
          <ErrorText error={workspace.error} />
        )}
      </main>
    </div>
  )
}

function Heading({ workspace, current }: { workspace: Workspace; current: SettingsSection }) {
  const { text, rich } = useMessages()
  return (
    <>
      <div className="list-header">
        <h1>{rich('settings.title', { name: workspace.name, b: (name) => <bdi>{name}</bdi> })}</h1>
        <span className="spacer" />
        <a className="button quiet" href={paths.workspace(workspace.id)}>
          {text('trash.back')}
        </a>
      </div>
      <nav className="tabs" aria-label={text('boards.settings')}>
        {sectionsOf(workspace).map((section) => (
          <a
            key={section}
            className="tab"
            href={paths.settings(workspace.id, section)}
            aria-current={section === current ? 'page' : undefined}
          >
            {text(`settings.${section}`)}
          </a>
        ))}
      </nav>
    </>
  )
}
