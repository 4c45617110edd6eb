import type { EventType } from '@mindfuse/internal'
import { sql } from 'kysely'
import { copyAssets } from '../assets/repository.ts'
import { raiseAccessVersions } from '../changes/access-versions.ts'
import type { Actor } from '../changes/actor.ts'
import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'
import { ApiError, forbidden, notFound } from '../http/errors.ts'
import { requireVersion } from '../http/etag.ts'
import { cleanName } from '../http/names.ts'
import { listPage, type Page, type PageQuery } from '../http/pagination.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { readBorrowedBytes } from '../quotas/usage.ts'
import { requireWorkspace, requireWorkspaceForBoard } from '../workspaces/access.ts'
import { requireBoard, requireLockedBoard } from './access.ts'
import { type BoardOrder, orderOf, TRASH_ORDER } from './order.ts'
import { getBoard, presentBoard, type VersionedBoard } from './present-board.ts'
import * as repository from './repository.ts'
import type { Board, BoardListQuery, DuplicateBoard, TrashedBoard, UpdateBoard } from './schemas.ts'
import type { ThumbnailAddresses } from './thumbnail-addresses.ts'
import { copyThumbnail, removeThumbnail } from './thumbnail-repository.ts'

const MAX_NAME_LENGTH = 255

/** What people do with boards. */
export interface BoardService {
  list(userId: string, workspaceId: string, query: BoardListQuery): Promise<Page<Board>>
  listTrash(userId: string, workspaceId: string, page: PageQuery): Promise<Page<TrashedBoard>>
  /** @throws ApiError 409 for a workspace with too many boards */
  create(actor: Actor, workspaceId: string, input: { name: string }): Promise<VersionedBoard>
  /**
   * The board that a product calls so, which is made where there is none.
   * @throws ApiError 409 where it is in the trash, or the workspace has too many boards
   */
  putByKey(
    actor: Actor,
    place: { workspaceId: string; externalKey: string },
    input: { name: string },
  ): Promise<VersionedBoard & { isNew: boolean }>
  get(userId: string, boardId: string): Promise<VersionedBoard>
  /** @throws ApiError 412 where the board is at another version than `expected` */
  update(
    actor: Actor,
    boardId: string,
    input: UpdateBoard,
    expected: number | undefined,
  ): Promise<VersionedBoard>
  /** @throws ApiError 412 where the board is at another version than `expected` */
  trash(actor: Actor, boardId: string, expected: number | undefined): Promise<void>
  restore(actor: Actor, boardId: string): Promise<VersionedBoard>
  deletePermanently(actor: Actor, boardId: string): Promise<void>
  /**
   * Makes a board with the document that is stored of another.
   * @throws ApiError 409 for a workspace with too many boards, or with too much stored; 429 or 503
   * where the person, or everyone, has too much document work queued
   */
  duplicate(actor: Actor, boardId: string, input: DuplicateBoard): Promise<VersionedBoard>
}

/** Boards as rows of Postgres. */
export function createBoardService({
  db,
  transact,
  quotas,
  documents: { workers },
  addresses,
}: Pick<Infrastructure, 'db' | 'transact' | 'quotas' | 'documents'> & {
  addresses: ThumbnailAddresses
}): BoardService {
  const present = (row: repository.BoardRow) => presentBoard(row, addresses)
  const getFor = (tx: Database, userId: string, boardId: string) =>
    getBoard(tx, addresses, { userId, boardId })

  const listOrdered = <Item>(
    userId: string,
    workspaceId: string,
    query: PageQuery,
    list: {
      isTrash: boolean
      q: string
      order: BoardOrder
      present: (row: repository.ListedBoardRow) => Item
    },
  ): Promise<Page<Item>> => {
    const { isTrash, q, order, present } = list
    return listPage(query, {
      sort: order.sort,
      kind: order.type === 'text' ? 'text' : 'time',
      async read(page) {
        const { key_board_ids: boardIds } = await requireWorkspace(db, userId, workspaceId, 'read')
        const list = { workspaceId, userId, isTrash, q, order, boardIds }
        return repository.listBoards(db, list, page)
      },
      position: (row) => ({ after: order.valueOf(row), id: row.id }),
      present,
    })
  }

  const create = async (
    tx: Database,
    record: RecordChange,
    input: { actor: Actor; workspaceId: string; name: string; externalKey?: string },
  ): Promise<VersionedBoard> => {
    const { actor, workspaceId, externalKey } = input
    const workspace = await requireWorkspaceForBoard(tx, actor.userId, workspaceId)
    const name = cleanName(input.name)
    const boardId = await repository.insertBoard(tx, {
      ...{ workspaceId, name, createdBy: actor.userId },
      hasOwner: workspace.key_scopes === null,
      ...(externalKey !== undefined && { externalKey }),
    })
    await repository.insertDocument(tx, boardId)
    const changes = { name, ...(externalKey !== undefined && { externalKey }) }
    await record({ ...changeOf('board.created', workspaceId, boardId), changes })
    await quotas.checkBoards(tx, workspaceId)
    return getFor(tx, actor.userId, boardId)
  }

  return {
    list(userId, workspaceId, query) {
      const { q, sort } = query
      const list = { isTrash: false, q, order: orderOf(sort), present }
      return listOrdered(userId, workspaceId, query, list)
    },

    listTrash: (userId, workspaceId, page) =>
      listOrdered(userId, workspaceId, page, {
        isTrash: true,
        q: '',
        order: TRASH_ORDER,
        present: (row) => ({ ...present(row), ...trashedOf(row) }),
      }),

    create: (actor, workspaceId, input) =>
      transact(actor, (tx, record) => create(tx, record, { actor, workspaceId, ...input })),

    putByKey(actor, { workspaceId, externalKey }, { name }) {
      return transact(actor, async (tx, record) => {
        await requireWorkspace(tx, actor.userId, workspaceId, 'read')
        // Whoever makes the same one at the same moment comes first, or after.
        await repository.lockExternalKey(tx, workspaceId, externalKey)
        const known = await repository.findByExternalKey(tx, workspaceId, externalKey)
        if (known?.deleted_at) {
          const detail = 'The board is in the trash: restore it, or delete it permanently'
          throw new ApiError(409, 'in_trash', detail)
        }
        const board = known
          ? await getFor(tx, actor.userId, known.id)
          : await create(tx, record, { actor, workspaceId, externalKey, name })
        return { ...board, isNew: !known }
      })
    },

    get: (userId, boardId) => getFor(db, userId, boardId),

    update(actor, boardId, input, expected) {
      return transact(actor, async (tx, record) => {
        // The setting is about access, so it takes the same permission.
        const action = input.viewersCanBroadcast === undefined ? 'rename' : 'manageMembers'
        const row = await requireLockedBoard(tx, actor.userId, boardId, action)
        requireVersion(expected, row.version)
        const name = input.name && cleanName(input.name)
        const { viewersCanBroadcast = row.viewers_can_broadcast } = input
        await repository.updateBoard(tx, boardId, {
          name,
          thumbnail_url: input.thumbnailUrl,
          viewers_can_broadcast: viewersCanBroadcast,
          updated_at: sql`now()`,
        })
        // The picture that was set last counts.
        if (input.thumbnailUrl !== undefined) await removeThumbnail(tx, boardId)
        const access =
          viewersCanBroadcast === row.viewers_can_broadcast
            ? []
            : await raiseAccessVersions(tx, { boardIds: [boardId] })
        await record({
          ...changeOf('board.updated', row.workspace_id, boardId),
          changes: name === undefined ? input : { ...input, name, formerName: row.name },
          access,
        })
        return getFor(tx, actor.userId, boardId)
      })
    },

    trash(actor, boardId, expected) {
      return transact(actor, async (tx, record) => {
        const row = await requireLockedBoard(tx, actor.userId, boardId, 'trash')
        requireVersion(expected, row.version)
        await repository.updateBoard(tx, boardId, {
          deleted_at: sql`now()`,
          deleted_by: actor.userId,
        })
        const access = await raiseAccessVersions(tx, { boardIds: [boardId] })
        await record({ ...changeOf('board.trashed', row.workspace_id, boardId), access })
      })
    },

    restore(actor, boardId) {
      return transact(actor, async (tx, record) => {
        const row = await requireLockedBoard(tx, actor.userId, boardId, 'restore')
        await repository.updateBoard(tx, boardId, { deleted_at: null, deleted_by: null })
        const access = await raiseAccessVersions(tx, { boardIds: [boardId] })
        await record({ ...changeOf('board.restored', row.workspace_id, boardId), access })
        return getFor(tx, actor.userId, boardId)
      })
    },

    deletePermanently(actor, boardId) {
      return transact(actor, async (tx, record) => {
        const row = await requireLockedBoard(tx, actor.userId, boardId, 'deletePermanently')
        const access = await raiseAccessVersions(tx, { boardIds: [boardId] })
        const formerMembers = await repository.deleteBoard(tx, boardId)
        await record({
          ...changeOf('board.deleted', row.workspace_id, boardId),
          changes: { name: row.name },
          access,
          formerMembers,
        })
      })
    },

    async duplicate(actor, sourceId, input) {
      await requireBoard(db, actor.userId, sourceId, 'duplicate')
      const copy = () =>
        transact(actor, async (tx, record) => {
          const source = await requireBoard(tx, actor.userId, sourceId, 'duplicate')
          const workspaceId = input.workspaceId ?? source.workspace_id
          const isOfWorkspace = source.workspace_role !== null || source.key_scopes !== null
          if (workspaceId === source.workspace_id && !isOfWorkspace) {
            // No 404: the caller sees the board and so knows of its workspace.
            throw forbidden('Only members of this workspace can create boards in it')
          }
          const workspace = await requireWorkspaceForBoard(tx, actor.userId, workspaceId)
          // Before the copy too, which is what a refusal would cost otherwise.
          await quotas.checkStorage(tx, workspaceId)
          const name = input.name === undefined ? nameOfCopy(source.name) : cleanName(input.name)
          const boardId = await repository.insertBoard(tx, {
            workspaceId,
            name,
            thumbnailUrl: source.thumbnail_url,
            viewersCanBroadcast: source.viewers_can_broadcast,
            createdBy: actor.userId,
            hasOwner: workspace.key_scopes === null,
          })
          await copyThumbnail(tx, { from: sourceId, to: boardId })
          const isCopied = await repository.copyDocument(tx, { from: sourceId, to: boardId })
          if (!isCopied) throw notFound('board')
          // Once the document cannot change: what it names is on the other board as long.
          const files = await copyAssets(tx, {
            from: [sourceId],
            to: boardId,
            addedBy: actor.userId,
          })
          await record({
            ...changeOf('board.created', workspaceId, boardId),
            changes: { name, duplicateOf: sourceId },
          })
          await quotas.checkBoards(tx, workspaceId)
          await quotas.checkStorage(tx, workspaceId)
          if (files > 0 && workspaceId !== source.workspace_id) {
            // They count for the workspace of the source until that lets go of them, and here afterwards.
            const known = await readBorrowedBytes(tx, workspaceId)
            await quotas.checkAssets(tx, { id: boardId, workspaceId, known })
          }
          return getFor(tx, actor.userId, boardId)
        })
      // It computes nothing, and takes its turn all the same: it copies a whole document.
      return workers.run(copy, { person: actor.userId })
    },
  }
}

function changeOf(type: EventType, workspaceId: string, boardId: string) {
  return { type, workspaceId, boardId, target: { type: 'board' as const, id: boardId } }
}

/** Cut by code points, which is how the database counts. */
function nameOfCopy(name: string): string {
  return [...`${name} (copy)`].slice(0, MAX_NAME_LENGTH).join('')
}

/** When a board was moved to the trash, and by whom. */
function trashedOf({
  id,
  deleted_at,
  deleted_by,
}: repository.ListedBoardRow): Pick<TrashedBoard, 'deletedAt' | 'deletedBy'> {
  if (!deleted_at) throw new Error(`board ${id} is not in the trash`)
  return { deletedAt: deleted_at.toISOString(), deletedBy: deleted_by }
}
