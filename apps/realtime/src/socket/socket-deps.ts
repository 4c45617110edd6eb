import type { AssetLimits } from '@mindfuse/internal'
import type { Logger, Tracer } from '@mindfuse/service-kit'
import type { Admission } from '../admission/admission.ts'
import type { AddressReader } from '../admission/client-address.ts'
import type { TokenRefresh } from '../admission/token-refresh.ts'
import type { Channels } from '../channel/channels.ts'
import type { Backlog } from '../connection/backlog.ts'
import type { Connections } from '../connection/connections.ts'
import type { Hold } from '../connection/hold.ts'
import type { UnreadDocuments } from '../connection/unread-documents.ts'
import type { FlushWindow } from '../flush-window.ts'
import type { Metrics } from '../metrics.ts'
import type { People } from '../person/people.ts'
import type { Rooms } from '../room/rooms.ts'
import type { UWebSockets } from '../uws.ts'
import type { FrameTime } from './frame-time.ts'

/** What the sockets of a gateway need. */
export interface SocketDeps {
  uws: UWebSockets
  admission: Admission
  addressOf: AddressReader
  /** Which release it is of. */
  version: string
  refreshToken: TokenRefresh
  rooms: Rooms
  channels: Channels
  connections: Connections
  unread: UnreadDocuments
  backlog: Backlog
  people: People
  hold: Hold
  /** As the API said last; undefined until it did, or where it keeps no files. */
  assetLimits: () => AssetLimits | undefined
  metrics: Metrics
  log: Logger
  tracer?: Tracer | undefined
}

/** The same with what those of boards and of channels share. */
export interface SharedDeps extends SocketDeps {
  ackWindow: FlushWindow
  frameTime: FrameTime
}
