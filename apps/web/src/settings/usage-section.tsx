import { useEvents } from '@mindfuse/react'
import { useCallback } from 'react'
import { UsageMeters } from '../app/usage-meters.tsx'
import { useLive } from '../app/use-live.ts'
import { useMessages } from '../language/language.ts'
import { ErrorText } from '../ui/error-text.tsx'
import { SkeletonRows } from '../ui/skeleton-rows.tsx'
import type { SectionProps } from './section-props.ts'

/** How much of its quotas the workspace uses. */
export function UsageSection({ app, workspace }: SectionProps) {
  const { text, number } = useMessages()
  const events = useEvents({ workspaceId: workspace.id })
  const { workspaces } = app.client.api
  const read = useCallback(() => workspaces.usage(workspace.id), [workspaces, workspace.id])
  const usage = useLive(read, events, 'boards:update')
  const versions = usage.value?.versionsPerBoard.limit
  return (
    <section className="settings">
      <h2>{text('settings.usage')}</h2>
      <p className="hint">{text('usage.text')}</p>
      {usage.value && <UsageMeters usage={usage.value} />}
      {versions !== undefined && versions !== null && (
        <p className="hint">{text('usage.versions', { limit: number(versions) })}</p>
      )}
      <ErrorText error={usage.error} />
      {!usage.value && usage.error === undefined && <SkeletonRows />}
    </section>
  )
}
