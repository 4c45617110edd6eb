import type { PermissionReply } from '@mindfuse/internal'
import { PERMISSION_TTL_SECONDS, type PermissionCache } from '../permission-cache.ts'
import { dropOldest } from './drop-oldest.ts'

/** Most boards remembered; the one that was written longest ago makes room. */
const MAX_BOARDS = 10_000

/** Most people remembered for one board. */
const MAX_USERS_PER_BOARD = 1_000

interface BoardEntry {
  version: number
  users: Map<string, { permission: PermissionReply; expiresAt: number }>
}

/** The permission cache of a single process. `now` is in milliseconds, for tests. */
export function createMemoryPermissionCache(now: () => number = Date.now): PermissionCache {
  const boards = new Map<string, BoardEntry>()

  const touch = (boardId: string): BoardEntry => {
    const board = boards.get(boardId) ?? { version: 0, users: new Map() }
    boards.delete(boardId)
    boards.set(boardId, board)
    dropOldest(boards, MAX_BOARDS)
    return board
  }

  return {
    async get(boardId, userId) {
      const board = boards.get(boardId)
      const entry = board?.users.get(userId)
      if (!board || !entry || entry.expiresAt <= now()) return undefined
      return entry.permission.version >= board.version ? entry.permission : undefined
    },

    async set(boardId, userId, permission) {
      const { users } = touch(boardId)
      users.delete(userId)
      users.set(userId, { permission, expiresAt: now() + PERMISSION_TTL_SECONDS * 1_000 })
      dropOldest(users, MAX_USERS_PER_BOARD)
    },

    async raiseVersion(boardId, version) {
      const board = touch(boardId)
      board.version = Math.max(board.version, version)
    },
  }
}
