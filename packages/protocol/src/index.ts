export {
  AWARENESS_GONE,
  type AwarenessEntry,
  batchAwareness,
  checkAwarenessEntry,
  decodeAwarenessUpdate,
  encodeAwarenessEntry,
  encodeAwarenessFrames,
  encodeAwarenessUpdate,
  readAwarenessUpdate,
} from './awareness.ts'
export {
  type ChannelClientMessage,
  type ChannelHello,
  type ChannelLimits,
  type ChannelPresence,
  type ChannelReceived,
  type ChannelRefusal,
  type ChannelServerMessage,
  channelClientMessageSchema,
} from './channels.ts'
export { CLOSE_CODES, type CloseCode } from './close-codes.ts'
export {
  DRAFT_REFUSALS,
  type DraftAppend,
  type DraftChange,
  type DraftRefusal,
  draftChangeSchema,
  type WholeDraft,
} from './drafts.ts'
export {
  decodeFrame,
  encodeAwareness,
  encodePermissionDenied,
  encodeSyncStep1,
  encodeSyncStep2,
  encodeUpdate,
  type Frame,
  MalformedFrameError,
} from './frames.ts'
export { hasScope, KEY_SCOPES, type KeyScope } from './key-scopes.ts'
export * from './limits.ts'
export { mergeDraftChanges } from './merge-draft-changes.ts'
export {
  type AnnouncedLimits,
  BOARD_SIZE_STEPS,
  type BoardSize,
  BROADCAST_REFUSALS,
  type BroadcastRefusal,
  broadcastSchema,
  type ClientMessage,
  clientMessageSchema,
  draftUpdateSchema,
  EDIT_REFUSALS,
  type EditRefusal,
  type Presence,
  type PresenceUser,
  presenceSchema,
  presenceUserSchema,
  type SentDraft,
  type ServerMessage,
  sentDraftSchema,
} from './messages.ts'
export { isNestedDeeper } from './nesting.ts'
export { PROBLEM_MEDIA_TYPE, type Problem, problemSchema } from './problem.ts'
export {
  BOARD_ROLES,
  type BoardRole,
  canEdit,
  type LinkRole,
  readBoardRole,
  WORKSPACE_ROLES,
  type WorkspaceRole,
} from './roles.ts'
export { BEARER_SUBPROTOCOL_PREFIX, BINARY_SUBPROTOCOL, SUBPROTOCOL } from './subprotocol.ts'
export { USER_KINDS, type UserKind } from './user-kinds.ts'
export { encodeVarUints, varUintLength, writeVarUint } from './var-uint.ts'
export * from './yjs/index.ts'
