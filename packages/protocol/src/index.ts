export {
  AWARENESS_GONE,
  type AwarenessEntry,
  decodeAwarenessUpdate,
  encodeAwarenessUpdate,
} from './awareness.ts'
export { CLOSE_CODES, type CloseCode } from './close-codes.ts'
export {
  decodeFrame,
  encodeAwareness,
  encodeSyncStep1,
  encodeSyncStep2,
  encodeUpdate,
  type Frame,
  MalformedFrameError,
} from './frames.ts'
export { type PermissionReply, permissionReplySchema } from './internal/permission.ts'
export {
  decodeStoredDocument,
  encodeStoredDocument,
  type StoredDocument,
} from './internal/stored-document.ts'
export {
  type BatchedUpdate,
  type BoardUpdates,
  decodeUpdateBatch,
  encodeUpdateBatch,
  MalformedBatchError,
  type UpdateBatchReply,
  updateBatchReplySchema,
} from './internal/update-batch.ts'
export { type DomainEvent, domainEventSchema, EVENT_TYPES, type EventType } from './events.ts'
export * from './limits.ts'
export { PROBLEM_MEDIA_TYPE, type Problem, problemSchema } from './problem.ts'
export {
  BOARD_ROLES,
  type BoardRole,
  canEdit,
  WORKSPACE_ROLES,
  type WorkspaceRole,
} from './roles.ts'
export * from './tokens.ts'
export { isUuid, uuidFromBytes, uuidToBytes } from './uuid.ts'
export * from './yjs/index.ts'
