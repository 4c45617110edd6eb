import { type Static, Type } from 'typebox'
import { MAX_APPENDED_ARRAYS, MAX_DRAFT_NAME_LENGTH } from './limits.ts'

const version = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const id = Type.String({ minLength: 1, maxLength: MAX_DRAFT_NAME_LENGTH })

/** All of a draft. */
const wholeDraftSchema = Type.Object(
  {
    id,
    /** Of each connection and draft; the next append counts from it. */
    version,
    /** Any JSON. */
    value: Type.Unknown(),
  },
  { additionalProperties: false },
)

/** What follows in arrays that are fields of a draft: the points of a stroke. */
const draftAppendSchema = Type.Object(
  {
    id,
    /** The version that it is appended to. A reader that has another one waits for the whole draft. */
    from: version,
    version,
    // A pattern of its own, because that of typebox lets names with a line feed pass unchecked.
    append: Type.Record(
      Type.String({ pattern: `^[\\s\\S]{1,${MAX_DRAFT_NAME_LENGTH}}$` }),
      Type.Array(Type.Unknown()),
      { additionalProperties: false, maxProperties: MAX_APPENDED_ARRAYS },
    ),
  },
  { additionalProperties: false },
)

/** A draft is no more: committed to the document, or given up. */
const draftEndSchema = Type.Object(
  { id, ended: Type.Literal(true) },
  { additionalProperties: false },
)

/** What is new of a draft: all of it, what was appended, or its end. */
export const draftChangeSchema = Type.Union([wholeDraftSchema, draftAppendSchema, draftEndSchema])

/** See {@link draftChangeSchema}. */
export type WholeDraft = Static<typeof wholeDraftSchema>
export type DraftAppend = Static<typeof draftAppendSchema>
export type DraftChange = Static<typeof draftChangeSchema>

/** Why a message about drafts was rejected, with all that it had. */
export const DRAFT_REFUSALS = [
  /** Viewers and commenters have no drafts. */
  'forbidden',
  /** The connection's drafts together are over the limit, or one is nested too deep. */
  'too_large',
  /** The connection has as many drafts as it may. */
  'too_many',
  'rate_limited',
] as const

/** One of {@link DRAFT_REFUSALS}. */
export type DraftRefusal = (typeof DRAFT_REFUSALS)[number]
