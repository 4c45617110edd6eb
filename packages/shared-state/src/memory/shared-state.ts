import type { SharedState } from '../shared-state.ts'
import { createMemoryPermissionCache } from './permission-cache.ts'

/** Shared state for services that live in one process: the embedded default. */
export function createMemorySharedState(): SharedState {
  return {
    permissions: createMemoryPermissionCache(),
    async ping() {
      // Memory always answers.
    },
    async close() {
      // Nothing is held open.
    },
  }
}
