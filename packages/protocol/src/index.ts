export {
  AWARENESS_GONE,
  type AwarenessEntry,
  decodeAwarenessUpdate,
  encodeAwarenessEntry,
  encodeAwarenessFrames,
  encodeAwarenessUpdate,
} from './awareness.ts'
export { CLOSE_CODES, type CloseCode } from './close-codes.ts'
export {
  type DomainEvent,
  domainEventSchema,
  EVENT_TYPES,
  type EventType,
  parseDomainEvent,
} from './events.ts'
export {
  decodeFrame,
  encodeAwareness,
  encodeSyncStep1,
  encodeSyncStep2,
  encodeUpdate,
  type Frame,
  MalformedFrameError,
} from './frames.ts'
export {
  type Authorization,
  type AuthorizationsReply,
  type AuthorizationsRequest,
  authorizationsReplySchema,
  authorizationsRequestSchema,
  MAX_AUTHORIZATIONS,
} from './internal/authorizations.ts'
export { type PermissionReply, permissionReplySchema } from './internal/permission.ts'
export {
  MAX_POSITIONS,
  type PositionsReply,
  positionsReplySchema,
  positionsRequestSchema,
} from './internal/positions.ts'
export {
  MAX_QUARANTINE_SEQS,
  type QuarantineReply,
  type QuarantineRequest,
  quarantineReplySchema,
  quarantineRequestSchema,
} from './internal/quarantine.ts'
export {
  decodeRelayedBroadcast,
  encodeRelayedBroadcast,
  type RelayedBroadcast,
} from './internal/relayed-broadcast.ts'
export {
  decodeStoredDocument,
  encodeDocumentHead,
  encodeNumberedUpdates,
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
export * from './limits.ts'
export {
  type AnnouncedLimits,
  BROADCAST_REFUSALS,
  type BroadcastRefusal,
  broadcastSchema,
  type ClientMessage,
  clientMessageSchema,
  EDIT_REFUSALS,
  type EditRefusal,
  type Presence,
  type PresenceUser,
  presenceSchema,
  presenceUserSchema,
  type ServerMessage,
} from './messages.ts'
export { isNestedDeeper } from './nesting.ts'
export { PROBLEM_MEDIA_TYPE, type Problem, problemSchema } from './problem.ts'
export {
  BOARD_ROLES,
  type BoardRole,
  canEdit,
  WORKSPACE_ROLES,
  type WorkspaceRole,
} from './roles.ts'
export { BEARER_SUBPROTOCOL_PREFIX, SUBPROTOCOL } from './subprotocol.ts'
export * from './tokens.ts'
export { isUuid, UUID_BYTES, uuidFromBytes, uuidToBytes, writeUuid } from './uuid.ts'
export { encodeVarUints, varUintLength, writeVarUint } from './var-uint.ts'
export * from './yjs/index.ts'
