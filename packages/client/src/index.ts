export type { BoardSize } from '@mindfuse/protocol'
export type { User } from './api/account.ts'
export type { Api } from './api/api.ts'
export type { BoardDetails, Version } from './api/boards.ts'
export type { Invite } from './api/invites.ts'
export type { Key } from './api/keys.ts'
export type { Link, LinkInput, LinkPreview } from './api/links.ts'
export type { Membership } from './api/memberships.ts'
export type { Input, Reply, Request, RequestOptions, Route } from './api/request.ts'
export type { Workspace, WorkspaceUsage } from './api/workspaces.ts'
export type { Assets } from './assets/assets.ts'
export { type ExcalidrawFiles, excalidrawFiles } from './assets/excalidraw.ts'
export { type TldrawAssets, tldrawAssets } from './assets/tldraw.ts'
export type { Asset, AssetEvents, OnProgress } from './assets/uploads.ts'
export type { AccessToken, GetToken } from './auth/access-token.ts'
export { sessionToken } from './auth/session-token.ts'
export type { Board } from './board/board.ts'
export type { BroadcastOptions } from './board/broadcasts.ts'
export type { BoardEvents, Broadcast, ResetReason } from './board/events.ts'
export type { Channel, ChannelOn } from './channels/channel.ts'
export type {
  ChannelBroadcast,
  ChannelOptions,
  ChannelPresenceState,
  ChannelPresent,
  ChannelSendStatus,
  ChannelState,
  ChannelStatus,
  ChannelTopic,
  ChannelTrouble,
  OnChannelStatus,
  PresenceJoin,
  PresenceLeave,
} from './channels/types.ts'
export { type Client, type ClientOptions, createClient, type UnsentBoard } from './client.ts'
export type { HeartbeatState } from './connection/socket.ts'
export type { ConnectionState, DenialReason } from './connection/state.ts'
export type { DraftEvents, Drafts } from './drafts/drafts.ts'
export type { UserDrafts } from './drafts/remote-drafts.ts'
export type { Environment, WebSocketConstructor, WebSocketLike } from './environment.ts'
export { type FieldError, MindfuseError } from './errors.ts'
export type { Events } from './events/events.ts'
export type {
  EventsDenialReason,
  EventsState,
  ListEvents,
  ListedMember,
  ListUpdate,
} from './events/types.ts'
export type {
  OwnPresence,
  Point,
  Presence,
  PresenceEvents,
  PresentConnection,
  PresentUser,
  Viewport,
} from './presence/presence.ts'
