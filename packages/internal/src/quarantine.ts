import { type Static, Type } from 'typebox'

/** Most updates reported in one request. */
export const MAX_QUARANTINE_SEQS = 1_000

/**
 * Body of `POST /internal/boards/:id/quarantine`: what a gateway could not read of a document. It
 * is a hint: the API looks at the rows itself.
 */
export const quarantineRequestSchema = Type.Object(
  {
    /** Numbers of updates, as the document gave them. */
    seqs: Type.Array(Type.Integer({ minimum: 1 }), { maxItems: MAX_QUARANTINE_SEQS }),
    /** Whether the snapshot cannot be read. */
    snapshot: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)

/** See {@link quarantineRequestSchema}. */
export type QuarantineRequest = Static<typeof quarantineRequestSchema>

/** Its reply: what the API found unreadable too, and keeps in quarantine from now on. */
export const quarantineReplySchema = Type.Object({
  /** The updates that were moved. */
  seqs: Type.Array(Type.Integer({ minimum: 1 })),
  /** Whether the snapshot is damaged; the board does not load until it is replaced. */
  snapshot: Type.Boolean(),
})

/** See {@link quarantineReplySchema}. */
export type QuarantineReply = Static<typeof quarantineReplySchema>
