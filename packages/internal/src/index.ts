export {
  type AccessChanges,
  type AccessChangesRequest,
  type AccessMessage,
  type AssetLimits,
  accessChangesReplySchema,
  accessChangesRequestSchema,
  accessScope,
  MAX_ACCESS_CHANGES,
  parseAccessMessage,
} from './access-changes.ts'
export {
  type Authorization,
  type AuthorizationsReply,
  type AuthorizationsRequest,
  authorizationSchema,
  authorizationsReplySchema,
  authorizationsRequestSchema,
  MAX_AUTHORIZATIONS,
} from './authorizations.ts'
export {
  BOARD_NAME_HEADER,
  INCARNATION_HEADER,
  REPLACED_SEQ_HEADER,
  STORAGE_FULL_HEADER,
} from './document-headers.ts'
export {
  type DomainEvent,
  domainEventSchema,
  EVENT_TYPES,
  type EventType,
  parseDomainEvent,
} from './events.ts'
export {
  type ApiReport,
  type GatewayReport,
  type InstanceMessage,
  type InstanceReport,
  parseInstanceMessage,
  parseInstanceReport,
  REPORT_INTERVAL_MS,
} from './instances.ts'
export { INTERNAL_AUTH_SCHEME } from './internal-auth.ts'
export {
  MERGE_OUTCOMES,
  type MergeOutcome,
  type MergeReply,
  mergeReplySchema,
  mergeRequestSchema,
} from './merge.ts'
export { type PermissionReply, permissionReplySchema } from './permission.ts'
export { LOBBY, type Place, placeSchema, workspaceOf, workspacePlace } from './places.ts'
export {
  MAX_POSITIONS,
  type PositionsReply,
  positionsReplySchema,
  positionsRequestSchema,
} from './positions.ts'
export {
  MAX_QUARANTINE_SEQS,
  type QuarantineReply,
  type QuarantineRequest,
  quarantineReplySchema,
  quarantineRequestSchema,
} from './quarantine.ts'
export {
  decodeRelayedBroadcast,
  encodeRelayedBroadcast,
  type RelayedBroadcast,
} from './relayed-broadcast.ts'
export {
  type SessionAuthorization,
  type SessionAuthorizationsReply,
  type SessionAuthorizationsRequest,
  sessionAuthorizationsReplySchema,
  sessionAuthorizationsRequestSchema,
} from './session-authorizations.ts'
export {
  decodeStoredDocument,
  encodeDocumentHead,
  encodeNumberedUpdates,
  encodeStoredDocument,
  type StoredDocument,
} from './stored-document.ts'
export { decodeStoredPresence } from './stored-presence.ts'
export {
  type BatchedUpdate,
  type BoardUpdates,
  decodeUpdateBatch,
  encodeUpdateBatch,
  MAX_UPDATE_BATCH_BYTES,
  MalformedBatchError,
  type UpdateBatchReply,
  updateBatchReplySchema,
} from './update-batch.ts'
export { isUuid, UUID_BYTES, uuidFromBytes, uuidToBytes, writeUuid } from './uuid.ts'
