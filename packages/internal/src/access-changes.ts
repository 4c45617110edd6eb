import { createHash } from 'node:crypto'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

/** Most changes in one answer; who is further behind has to check everything. */
export const MAX_ACCESS_CHANGES = 1_000

/** Body of `POST /internal/access-changes`. */
export const accessChangesRequestSchema = Type.Object(
  {
    gatewayId: Type.String({ format: 'uuid' }),
    /** Up to where the gateway has applied all changes; missing where it knows of none. */
    after: Type.Optional(Type.Integer({ minimum: 0 })),
    /** How long the gateway goes on delivering once it hears nothing, milliseconds. */
    vouchMs: Type.Integer({ minimum: 0 }),
    /** How the gateway is, see `parseInstanceReport`: one that cannot be read must not keep it from asking. */
    report: Type.Optional(Type.Unknown()),
  },
  { additionalProperties: false },
)

/** See {@link accessChangesRequestSchema}. */
export type AccessChangesRequest = Static<typeof accessChangesRequestSchema>

/** What changed who may do what: all of it between two numbers of events. */
export const accessChangesSchema = Type.Object({
  kind: Type.Literal('changes'),
  /** Every change above this number is here; null where those are too many, or were never numbered so. */
  after: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
  /** The newest event. Some that have no number yet may be here too, and come again. */
  upTo: Type.Integer({ minimum: 0 }),
  /** Places where access may have changed, see `placeSchema`, each with its newest access version. */
  access: Type.Array(Type.Object({ boardId: Type.String(), version: Type.Integer() })),
  /** Sessions that ended. */
  sessions: Type.Array(Type.String()),
  /** Which database this is, see `positionsReplySchema`: numbers of another one mean nothing here. */
  incarnation: Type.Optional(Type.String()),
})

/** See {@link accessChangesSchema}. */
export type AccessChanges = Static<typeof accessChangesSchema>

/** How large files beside documents may be. */
export const assetLimitsSchema = Type.Object({
  /** One file, bytes. */
  maxAssetBytes: Type.Integer({ minimum: 0 }),
  /** All files of a board, bytes; missing where there is no limit. */
  maxBoardAssetBytes: Type.Optional(Type.Integer({ minimum: 0 })),
})

/** See {@link assetLimitsSchema}. */
export type AssetLimits = Static<typeof assetLimitsSchema>

/** The reply of `POST /internal/access-changes`, which every gateway asks for now and then. */
export const accessChangesReplySchema = Type.Object({
  ...accessChangesSchema.properties,
  /** Missing where the API keeps no files. */
  assets: Type.Optional(assetLimitsSchema),
})

/** What an API says to all gateways. */
const announcedChangesSchema = Type.Object({
  ...accessChangesSchema.properties,
  /** Of each secret that its gateways may use: see {@link accessScope}. */
  scopes: Type.Array(Type.String()),
})

/** A gateway has applied all changes up to a number, or stops. */
const appliedChangesSchema = Type.Object({
  kind: Type.Literal('applied'),
  scope: Type.String(),
  gatewayId: Type.String(),
  /** Null where it has no connections any longer. */
  upTo: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
  vouchMs: Type.Integer({ minimum: 0 }),
})

const messageSchema = Type.Union([announcedChangesSchema, appliedChangesSchema])

/** A message of the bus of access. */
export type AccessMessage = Static<typeof messageSchema>

/**
 * Whose messages they are: numbers of events mean something within one deployment alone, and pub/sub
 * channels are those of a whole server.
 */
export function accessScope(internalSecret: string): string {
  return createHash('sha256').update(`access ${internalSecret}`).digest('base64url').slice(0, 16)
}

/** What a message of the bus says, or undefined where it is none or of another deployment. */
export function parseAccessMessage(
  text: string,
  scopes: readonly string[],
): AccessMessage | undefined {
  try {
    const message: unknown = JSON.parse(text)
    if (!Value.Check(messageSchema, message)) return undefined
    const sent = message.kind === 'changes' ? message.scopes : [message.scope]
    return sent.some((scope) => scopes.includes(scope)) ? message : undefined
  } catch {
    // Not JSON: of another release, perhaps.
    return undefined
  }
}
