import { type Static, Type } from 'typebox'

/** Most boards asked about in one request. */
export const MAX_POSITIONS = 2_000

/** Body of `POST /internal/positions`: boards that a gateway has open. */
export const positionsRequestSchema = Type.Object(
  { boardIds: Type.Array(Type.String({ format: 'uuid' }), { maxItems: MAX_POSITIONS }) },
  { additionalProperties: false },
)

/** Its reply: the newest sequence number of each board that exists. */
export const positionsReplySchema = Type.Object({
  positions: Type.Array(
    Type.Object({
      boardId: Type.String(),
      seq: Type.Integer({ minimum: 0 }),
      /** Whether the storage of the board's workspace is used up: edits have to be refused. */
      storageFull: Type.Optional(Type.Boolean()),
    }),
  ),
  /**
   * Which database this is, as its system identifier and timeline, where the API may know: after a
   * failover or a restore it may lack what was stored in the one before.
   */
  incarnation: Type.Optional(Type.String()),
})

/** See {@link positionsReplySchema}. */
export type PositionsReply = Static<typeof positionsReplySchema>
