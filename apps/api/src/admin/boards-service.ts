import { decodeStoredPresence } from '@mindfuse/internal'
import type { PresenceUser } from '@mindfuse/protocol'
import type { SharedState } from '@mindfuse/shared-state'
import { moveAssets } from '../assets/repository.ts'
import { lockBoard, updateBoard } from '../boards/repository.ts'
import { raiseAccessVersions } from '../changes/access-versions.ts'
import type { Actor } from '../changes/actor.ts'
import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'
import { ApiError, notFound } from '../http/errors.ts'
import { listPage, NEWEST_FIRST, type Page } from '../http/pagination.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { revokeAllTo } from '../links/orphaned-access.ts'
import { findKind, holdWorkspace } from '../workspaces/repository.ts'
import type { Administer } from './acts.ts'
import * as repository from './boards-repository.ts'
import type {
  AdminBoard,
  AdminBoardDetails,
  ConnectedPeople,
  MoveBoard,
  SearchQuery,
} from './schemas.ts'

/** Most people of a board that are listed. */
const MAX_PEOPLE = 1_000

/** When to ask again where it is unknown who is connected, seconds. */
const RETRY_AFTER_SECONDS = 5

/** What administrators see of boards, everything but what is on them, and where they put them. */
export interface BoardsService {
  list(query: SearchQuery): Promise<Page<AdminBoard>>
  /** @throws ApiError 404 */
  get(boardId: string): Promise<AdminBoardDetails>
  /** Who is connected to a board now. @throws ApiError 404, and 503 where that is unknown */
  listConnected(boardId: string): Promise<ConnectedPeople>
  /**
   * Moves a board to another workspace, out of reach of members of the one it is in. People on the board
   * itself stay, invites to it end.
   *
   * @throws ApiError 404, and 409 past the quotas of the workspace unless `force` is set
   */
  move(actor: Actor, boardId: string, act: MoveBoard): Promise<void>
}

/** @param deps.presence where gateways keep who is connected; unknown without */
export function createBoardsService({
  db,
  quotas,
  presence,
  administer,
}: Pick<Infrastructure, 'db' | 'quotas'> & {
  presence?: SharedState['presence']
  administer: Administer
}): BoardsService {
  return {
    list: ({ query, ...page }) =>
      listPage(page, {
        ...NEWEST_FIRST,
        read: (keyset) => repository.listBoards(db, query, keyset),
        present,
      }),

    async get(boardId) {
      const row = await repository.findBoard(db, boardId)
      if (!row) throw notFound('board')
      // Unknown while Redis is away, which is no reason to show nothing.
      const connected = await presence?.list(boardId).catch(() => null)
      return {
        ...present(row),
        seq: row.seq,
        storageBytes: row.storage_bytes,
        assets: row.assets,
        assetBytes: row.asset_bytes,
        members: row.members,
        connections: connected?.length ?? null,
        quarantined: row.quarantined,
        damagedAt: row.damaged_at?.toISOString() ?? null,
        buildFailure: row.build_failure,
      }
    },

    async listConnected(boardId) {
      if (!(await repository.findWorkspaceOf(db, boardId))) throw notFound('board')
      const connected = await presence?.list(boardId).catch(() => undefined)
      if (!connected) {
        const reason = 'Redis does not answer; try again later'
        const options = { retryAfterSeconds: RETRY_AFTER_SECONDS }
        throw new ApiError(503, 'presence_unavailable', reason, options)
      }
      return peopleOf(connected.map((one) => decodeStoredPresence(one.presence)?.user))
    },

    move(actor, boardId, { workspaceId, force = false, reason }) {
      const target = { type: 'board', id: boardId } as const
      return administer(actor, { action: 'board.move', target, reason }, async (tx, record) => {
        const from = await lockForMove(tx, boardId, workspaceId)
        if (from === workspaceId) return { result: undefined }
        await moveBoard(tx, record, { boardId, from, to: workspaceId })
        if (!force) {
          await quotas.checkBoards(tx, workspaceId)
          await quotas.checkStorage(tx, workspaceId)
          await quotas.checkAssets(tx, { id: boardId, workspaceId })
        }
        return { result: undefined, changes: { from, to: workspaceId, force } }
      })
    },
  }
}

/** @param users whose each connection is; unknown where another release wrote it */
function peopleOf(users: (PresenceUser | undefined)[]): ConnectedPeople {
  const people = new Map<string, ConnectedPeople['people'][number]>()
  for (const user of users) {
    if (!user) continue
    const { id, name } = user
    const connections = (people.get(id)?.connections ?? 0) + 1
    people.set(id, { id, name, connections })
  }
  const byName = [...people.values()].sort((a, b) => a.name.localeCompare(b.name))
  return { people: byName.slice(0, MAX_PEOPLE), total: byName.length }
}

/** Keeps members of both workspaces as they are, and locks the board. @returns where it is */
async function lockForMove(tx: Database, boardId: string, to: string): Promise<string> {
  const from = await repository.findWorkspaceOf(tx, boardId)
  if (from === undefined) throw notFound('board')
  for (const id of [...new Set([from, to])].sort()) await holdWorkspace(tx, id)
  if (!(await findKind(tx, to))) throw notFound('workspace')
  await lockBoard(tx, boardId)
  if ((await repository.findWorkspaceOf(tx, boardId)) === from) return from
  throw new ApiError(409, 'board_changed', 'The board was moved or deleted meanwhile; try again')
}

async function moveBoard(
  tx: Database,
  record: RecordChange,
  { boardId, from, to }: { boardId: string; from: string; to: string },
): Promise<void> {
  // All of them: people who lose the board now, or left it before, could come back by one.
  await revokeAllTo(tx, record, { boardId, workspaceId: from })
  // The product of the workspace that it leaves has no say about it any longer.
  await repository.removeAppUsers(tx, boardId)
  await updateBoard(tx, boardId, { workspace_id: to, external_key: null })
  await moveAssets(tx, { boardId, workspaceId: to })
  const access = await raiseAccessVersions(tx, { boardIds: [boardId] })
  const change = { type: 'board.moved', boardId, target: { type: 'board', id: boardId } } as const
  await record({ ...change, workspaceId: from, changes: { toWorkspaceId: to }, access })
  await record({ ...change, workspaceId: to, changes: { fromWorkspaceId: from } })
}

function present(row: repository.AdminBoardRow): AdminBoard {
  return {
    id: row.id,
    name: row.name,
    workspaceId: row.workspace_id,
    workspaceName: row.workspace_name,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    trashedAt: row.deleted_at?.toISOString() ?? null,
  }
}
