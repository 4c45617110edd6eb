import { sql } from 'kysely'
import { Counter, type Registry } from 'prom-client'
import type { Database } from '../db/database.ts'
import { ApiError } from '../http/errors.ts'
import {
  MAX_ASSETS_PER_BOARD,
  type QuotaLimits,
  type QuotaName,
  type QuotaScope,
} from '../quota-limits.ts'
import {
  type CountedUsage,
  countWorkspaces,
  readAssetUsage,
  readBoardAssets,
  readBoardUsage,
  readStorageUsage,
} from './usage.ts'

/** Class of the advisory locks under which usage near a limit is counted ("mfqo"). */
const QUOTA_LOCK = 0x6d66716f

/**
 * Usage this close to its limit is counted under a lock. Farther away, all transactions that run at
 * the same time cannot pass the limit together: there are fewer than 1,000 connections to PostgreSQL,
 * and 2 GiB is more than 32 of the largest boards, or 80 of the largest files.
 */
const NEAR_ITEMS = 1_000
const NEAR_BYTES = 2 * 1024 ** 3

/** What is used of a quota. */
interface Usage {
  quota: QuotaName
  scope: QuotaScope
  used: number
  limit: number
}

/** What is used, and whose usage it is. */
interface Counted {
  subject: string
  usages: Usage[]
}

/**
 * Refuses what would pass a quota. Each check belongs after the insert, at the end of the
 * transaction: it counts what was inserted, and holds its lock only until the commit.
 */
export interface Quotas {
  readonly limits: QuotaLimits
  /** @throws ApiError 409 `quota_exceeded` where the person owns too many workspaces */
  checkWorkspaces(tx: Database, userId: string): Promise<void>
  /** @throws ApiError 409 `quota_exceeded` where the workspace or its owner has too many boards */
  checkBoards(tx: Database, workspaceId: string): Promise<void>
  /** @throws ApiError 409 `quota_exceeded` where too much is stored for the workspace or its owner */
  checkStorage(tx: Database, workspaceId: string): Promise<void>
  /**
   * For files that were added to a board.
   *
   * @param board.known bytes that count as if they were new: of files that another board of the workspace has, so
   * that nobody can find out that one has them; of copies, for which the workspace may be left to account
   * @throws ApiError 409 `quota_exceeded` where the board, its workspace or the owner has too many
   */
  checkAssets(
    tx: Database,
    board: { id: string; workspaceId: string; known?: number },
  ): Promise<void>
  /**
   * For a workspace that has another owner, who did not fill it.
   *
   * @throws ApiError 409 `quota_exceeded` where its boards, documents or files are too much for them
   */
  checkOwner(tx: Database, workspaceId: string): Promise<void>
  /** @throws ApiError 409 `quota_exceeded` */
  check(usage: Usage): void
}

/** @param deps.limits 0 is no limit */
export function createQuotas(deps: { limits: QuotaLimits; registry: Registry }): Quotas {
  const { limits } = deps
  const refusals = new Counter({
    name: 'quota_refusals_total',
    help: 'Requests refused because a quota is used up',
    labelNames: ['quota', 'scope'],
    registers: [deps.registry],
  })

  const refuse = ({ quota, scope, limit, used }: Usage, message: string): never => {
    refusals.inc({ quota, scope })
    const details = { quota, scope, limit, used }
    throw new ApiError(409, 'quota_exceeded', message, { details })
  }
  const isPassed = ({ used, limit }: Usage) => limit > 0 && used > limit
  const check = (usage: Usage): void => {
    if (isPassed(usage)) refuse(usage, MESSAGES[usage.quota](usage.scope, usage.limit))
  }

  /** Counts, and counts again under a lock where the limit is near. */
  const checkAll = async (
    tx: Database,
    nearLimit: number,
    read: () => Promise<Counted>,
    checkOne = check,
  ): Promise<void> => {
    let { subject, usages } = await read()
    if (usages.some(({ used, limit }) => limit > 0 && limit - used < nearLimit)) {
      // Two statements: the one that acquires the lock reads what was there before it waited.
      await sql`SELECT pg_advisory_xact_lock(${QUOTA_LOCK}, hashtext(${subject}))`.execute(tx)
      usages = (await read()).usages
    }
    for (const usage of usages) checkOne(usage)
  }

  const readBoards = (tx: Database, workspaceId: string) => async () =>
    countedOf('boards', workspaceId, await readBoardUsage(tx, workspaceId), {
      workspace: limits.boardsPerWorkspace,
      person: limits.boardsPerPerson,
    })

  const readStorage = (tx: Database, workspaceId: string) => async () => {
    const [usage] = await readStorageUsage(tx, [workspaceId])
    return countedOf('storage', workspaceId, usage, {
      workspace: limits.storageBytesPerWorkspace,
      person: limits.storageBytesPerPerson,
    })
  }

  const readAssets =
    (tx: Database, workspaceId: string, known = 0) =>
    async () => {
      const { inWorkspace, ofPerson, ...usage } = await readAssetUsage(tx, workspaceId)
      const counted = { ...usage, inWorkspace: inWorkspace + known, ofPerson: ofPerson + known }
      return countedOf('assetBytes', workspaceId, counted, {
        workspace: limits.assetBytesPerWorkspace,
        person: limits.assetBytesPerPerson,
      })
    }

  const readAssetsOfBoard = (tx: Database, boardId: string) => async (): Promise<Counted> => {
    const { count, bytes } = await readBoardAssets(tx, boardId)
    return {
      subject: boardId,
      usages: [
        { quota: 'assets', scope: 'board', used: count, limit: MAX_ASSETS_PER_BOARD },
        { quota: 'assetBytes', scope: 'board', used: bytes, limit: limits.assetBytesPerBoard },
      ],
    }
  }

  return {
    limits,
    check,

    async checkWorkspaces(tx, userId) {
      const limit = limits.workspacesPerPerson
      if (limit === 0) return
      await checkAll(tx, NEAR_ITEMS, async () => {
        const used = await countWorkspaces(tx, userId)
        return { subject: userId, usages: [{ quota: 'workspaces', scope: 'person', used, limit }] }
      })
    },

    async checkBoards(tx, workspaceId) {
      await checkAll(tx, NEAR_ITEMS, readBoards(tx, workspaceId))
    },

    async checkStorage(tx, workspaceId) {
      await checkAll(tx, NEAR_BYTES, readStorage(tx, workspaceId))
    },

    async checkAssets(tx, { id, workspaceId, known }) {
      await checkAll(tx, NEAR_BYTES, readAssetsOfBoard(tx, id))
      await checkAll(tx, NEAR_BYTES, readAssets(tx, workspaceId, known))
    },

    async checkOwner(tx, workspaceId) {
      const checkOne = (usage: Usage) => {
        if (usage.scope === 'person' && isPassed(usage)) refuse(usage, TOO_MUCH_FOR_OWNER)
      }
      if (limits.boardsPerPerson > 0) {
        await checkAll(tx, NEAR_ITEMS, readBoards(tx, workspaceId), checkOne)
      }
      if (limits.storageBytesPerPerson > 0) {
        await checkAll(tx, NEAR_BYTES, readStorage(tx, workspaceId), checkOne)
      }
      if (limits.assetBytesPerPerson > 0) {
        await checkAll(tx, NEAR_BYTES, readAssets(tx, workspaceId), checkOne)
      }
    },
  }
}

/** A workspace with a quota of its own counts by that alone, and for nobody else. */
function countedOf(
  quota: QuotaName,
  workspaceId: string,
  usage: CountedUsage | undefined,
  limits: { workspace: number; person: number },
): Counted {
  const { ownerId = null, inWorkspace = 0, ofPerson = 0, ownLimit = null } = usage ?? {}
  const limit = ownLimit ?? limits.workspace
  const ofWorkspace = { quota, scope: 'workspace', used: inWorkspace, limit } as const
  const ofOwner = { quota, scope: 'person', used: ofPerson, limit: limits.person } as const
  return {
    subject: ownerId ?? workspaceId,
    usages: ownLimit === null ? [ofWorkspace, ofOwner] : [ofWorkspace],
  }
}

const TOO_MUCH_FOR_OWNER =
  'With this workspace its next owner would own more than allowed; delete boards permanently first, or choose another owner'

const OF: Record<QuotaScope, string> = {
  board: 'This board',
  workspace: 'This workspace',
  person: 'The owner of this workspace',
}

/** What people read: which limit was reached, and what to do. */
const MESSAGES: Record<QuotaName, (scope: QuotaScope, limit: number) => string> = {
  workspaces: (_scope, limit) =>
    `You own ${limit} team workspaces, the most you can have; delete or transfer one first`,
  boards: (scope, limit) =>
    `${OF[scope]} has ${limit} boards, the most allowed, including the trash; delete some permanently first`,
  storage: (scope, limit) =>
    `${OF[scope]} has used all of its storage (${mebibytes(limit)} MiB), including versions and the trash; delete some permanently first`,
  versions: (_scope, limit) =>
    `This board has ${limit} versions, the most it can keep; delete some first`,
  assets: (scope, limit) => `${OF[scope]} has ${limit} files, the most allowed; delete some first`,
  assetBytes: (scope, limit) =>
    `${OF[scope]} has used all of its space for files (${mebibytes(limit)} MiB), including the trash; delete some first`,
  versionBytes: (_scope, limit) =>
    `The versions of this board would be larger than ${mebibytes(limit)} MiB together; delete some first`,
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 ** 2)
}
