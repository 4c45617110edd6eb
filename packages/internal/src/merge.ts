import { type Static, Type } from 'typebox'

/**
 * Body of `POST /internal/boards/:id/merge`: a gateway needs the room that a merge makes. It is done as a
 * job of this person, who has their turn among others.
 */
export const mergeRequestSchema = Type.Object(
  { userId: Type.String({ format: 'uuid' }) },
  { additionalProperties: false },
)

/** How a merge ended. */
export const MERGE_OUTCOMES = [
  /** The stored document is as small as it gets: it was merged just now, or before. */
  'merged',
  /** Another instance is merging it, or it is to be tried again later. */
  'elsewhere',
  /** It cannot be built or read, and is not tried again. */
  'unmergeable',
] as const

/** One of {@link MERGE_OUTCOMES}. */
export type MergeOutcome = (typeof MERGE_OUTCOMES)[number]

/** Its reply, once the merge has ended. */
export const mergeReplySchema = Type.Object({ outcome: Type.Enum([...MERGE_OUTCOMES]) })

/** See {@link mergeReplySchema}. */
export type MergeReply = Static<typeof mergeReplySchema>
