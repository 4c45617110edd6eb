import type { PermissionCache } from './permission-cache.ts'

/** What all instances of both services share. None of it has to last. */
export interface SharedState {
  permissions: PermissionCache
  /** Resolves while the store answers, rejects otherwise. */
  ping(): Promise<void>
  close(): Promise<void>
}
