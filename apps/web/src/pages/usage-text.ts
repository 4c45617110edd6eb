import type { WorkspaceUsage } from '@mindfuse/client'
import type { Messages } from '../language/messages.ts'

/** From this share of a quota on, people read how much is left. */
const TOLD_FROM_SHARE = 0.8

/** How much of its quotas a workspace uses, in words; undefined while that is nobody's concern. */
export function usageText(
  {
    boards,
    storageBytes,
    assetBytes,
  }: Pick<WorkspaceUsage, 'boards' | 'storageBytes' | 'assetBytes'>,
  { text, locale }: Messages,
): string | undefined {
  const parts = [
    isNear(boards) && text('boards.usage.boards', { used: boards.used, limit: boards.limit ?? 0 }),
    isNear(storageBytes) && text('boards.usage.storage', mebibytes(storageBytes)),
    isNear(assetBytes) && text('boards.usage.files', mebibytes(assetBytes)),
  ].filter((part) => part !== false)
  if (parts.length === 0) return undefined
  return text('boards.usage', { parts: new Intl.ListFormat(locale).format(parts) })
}

interface Quota {
  used: number
  limit: number | null
}

function isNear({ used, limit }: Quota): boolean {
  return limit !== null && used >= limit * TOLD_FROM_SHARE
}

function mebibytes({ used, limit }: Quota): { used: number; limit: number } {
  return { used: Math.round(used / 1024 ** 2), limit: Math.round((limit ?? 0) / 1024 ** 2) }
}
