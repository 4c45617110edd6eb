import type { Database } from '../db/database.ts'
import type { Infrastructure } from '../infrastructure.ts'
import type { QuotaLimits } from '../quota-limits.ts'
import {
  countWorkspaces,
  readAssetUsage,
  readBoardUsage,
  readPersonUsage,
  readStorageUsage,
} from '../quotas/usage.ts'
import { requireWorkspace } from '../workspaces/access.ts'
import type { PersonUsage, WorkspaceUsage } from './schemas.ts'

/** How much of their quotas workspaces and people use. */
export interface UsageService {
  ofWorkspace(userId: string, workspaceId: string): Promise<WorkspaceUsage>
  ofPerson(userId: string): Promise<PersonUsage>
}

/** Usage as it is counted when a quota is checked. */
export function createUsageService({
  db,
  quotas: { limits },
}: Pick<Infrastructure, 'db' | 'quotas'>): UsageService {
  return {
    async ofWorkspace(userId, workspaceId) {
      await requireWorkspace(db, userId, workspaceId, 'read')
      return readWorkspaceUsage(db, limits, workspaceId)
    },

    async ofPerson(userId) {
      const [workspaces, { boards, storageBytes, assetBytes }] = await Promise.all([
        countWorkspaces(db, userId),
        readPersonUsage(db, userId),
      ])
      return {
        workspaces: usage(workspaces, limits.workspacesPerPerson),
        boards: usage(boards, limits.boardsPerPerson),
        storageBytes: usage(storageBytes, limits.storageBytesPerPerson),
        assetBytes: usage(assetBytes, limits.assetBytesPerPerson),
      }
    },
  }
}

/** What a workspace uses, whoever asks. */
export async function readWorkspaceUsage(
  db: Database,
  limits: QuotaLimits,
  workspaceId: string,
): Promise<WorkspaceUsage> {
  const [boards, [storage], assets] = await Promise.all([
    readBoardUsage(db, workspaceId),
    readStorageUsage(db, [workspaceId]),
    readAssetUsage(db, workspaceId),
  ])
  const ofBoards = boards.ownLimit ?? limits.boardsPerWorkspace
  const ofStorage = storage?.ownLimit ?? limits.storageBytesPerWorkspace
  return {
    boards: usage(boards.inWorkspace, ofBoards),
    storageBytes: usage(storage?.inWorkspace ?? 0, ofStorage),
    versionsPerBoard: { limit: limits.versionsPerBoard || null },
    assetBytes: usage(assets.inWorkspace, assets.ownLimit ?? limits.assetBytesPerWorkspace),
    assetBytesPerBoard: { limit: limits.assetBytesPerBoard || null },
    assetBytesPerFile: { limit: limits.assetBytesPerFile },
  }
}

function usage(used: number, limit: number) {
  return { used, limit: limit || null }
}
