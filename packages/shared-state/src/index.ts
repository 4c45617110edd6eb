export { createDragonflySharedState } from './dragonfly/shared-state.ts'
export { createMemorySharedState } from './memory/shared-state.ts'
export type { PermissionCache } from './permission-cache.ts'
export type { SharedState } from './shared-state.ts'
