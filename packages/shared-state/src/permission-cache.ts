import type { PermissionReply } from '@mindfuse/internal'

/** How long an answer is cached, seconds; that of no access, too. */
export const PERMISSION_TTL_SECONDS = 300

/**
 * How long a board's newest access version is remembered, seconds. It must outlive every entry
 * written at an older version, also one that a slow reader writes late.
 */
export const ACCESS_VERSION_TTL_SECONDS = 3_600

/**
 * Who may do what on which board, as the API last answered. An entry counts only while no newer
 * access version is known for its board, so that a reader that asked before a change cannot cache a
 * revoked right after it.
 *
 * Every method may reject when the store is unreachable; callers then ask the API itself.
 */
export interface PermissionCache {
  /** The cached answer, or undefined where there is none that still counts. */
  get(boardId: string, userId: string): Promise<PermissionReply | undefined>
  /** Keeps an answer of the API for {@link PERMISSION_TTL_SECONDS}. */
  set(boardId: string, userId: string, permission: PermissionReply): Promise<void>
  /** The access of a board changed. A version below the known one changes nothing. */
  raiseVersion(boardId: string, version: number): Promise<void>
}
