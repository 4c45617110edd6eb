import { BOARD_ROLES } from '@mindfuse/protocol'
import { type Static, Type } from 'typebox'

/** Body of `GET /internal/boards/:id/permission?userId=`. */
export const permissionReplySchema = Type.Object({
  /** The person's role on the board, or null where they have none or the board is in the trash. */
  role: Type.Union([Type.Enum([...BOARD_ROLES]), Type.Null()]),
  /** `boards.access_version` the role was read at; a cached copy counts while it is the newest. */
  version: Type.Integer({ minimum: 0 }),
  /** Whether they may broadcast: a setting of the board decides it for viewers. */
  canBroadcast: Type.Boolean(),
})

/** What a user may do on a board, as of an access version. */
export type PermissionReply = Static<typeof permissionReplySchema>
