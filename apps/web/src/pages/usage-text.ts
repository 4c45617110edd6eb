import type { WorkspaceUsage } from '@mindfuse/client'

/** From this share of a quota on, people read how much is left. */
const TOLD_FROM_SHARE = 0.8

/** How much of its quotas a workspace uses, in words; undefined while that is nobody's concern. */
export function usageText({
  boards,
  storageBytes,
  assetBytes,
}: Pick<WorkspaceUsage, 'boards' | 'storageBytes' | 'assetBytes'>): string | undefined {
  const parts = [
    isNear(boards) && `${boards.used} of ${boards.limit} boards`,
    isNear(storageBytes) &&
      `${mebibytes(storageBytes.used)} of ${mebibytes(storageBytes.limit)} MB of storage`,
    isNear(assetBytes) &&
      `${mebibytes(assetBytes.used)} of ${mebibytes(assetBytes.limit)} MB of files`,
  ].filter((part) => part !== false)
  if (parts.length === 0) return undefined
  return `This workspace uses ${parts.join(' and ')}, including the trash.`
}

function isNear({ used, limit }: { used: number; limit: number | null }): boolean {
  return limit !== null && used >= limit * TOLD_FROM_SHARE
}

function mebibytes(bytes: number | null): number {
  return Math.round((bytes ?? 0) / 1024 ** 2)
}
