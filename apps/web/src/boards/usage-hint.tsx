import type { Client } from '@mindfuse/client'
import { useEffect, useState } from 'react'
import { useMessages } from '../language/language.ts'
import { usageText } from '../pages/usage-text.ts'

/** How much of its quotas a workspace uses, once that is much. Last on the page: nothing moves when it is known. */
export function UsageHint({ client, workspaceId }: { client: Client; workspaceId: string }) {
  const messages = useMessages()
  const [usage, setUsage] = useState<Parameters<typeof usageText>[0]>()
  useEffect(() => {
    // The page works without it.
    client.api.workspaces.usage(workspaceId).then(setUsage, () => undefined)
  }, [client, workspaceId])
  const hint = usage && usageText(usage, messages)
  return hint === undefined ? null : <p className="hint">{hint}</p>
}
