import { type Static, Type } from 'typebox'
import { FILE_TYPES } from '../assets/file-types.ts'
import { boardParamsSchema } from '../boards/schemas.ts'
import { closedObject } from '../http/fields.ts'

/** Most files whose addresses are asked for at a time. */
const MAX_ADDRESSES = 100

const digestSchema = Type.String({
  pattern: '^[0-9a-f]{64}$',
  description: 'SHA-256 of the file, in lower-case hexadecimal digits',
})

/** Path of one file of a board. */
export const assetParamsSchema = Type.Object({
  ...boardParamsSchema.properties,
  digest: digestSchema,
})

/** A file of a board. */
export const assetSchema = Type.Object(
  {
    digest: digestSchema,
    bytes: Type.Integer(),
    contentType: Type.Enum(Object.keys(FILE_TYPES), { description: 'by its first bytes' }),
  },
  { description: 'The file' },
)

/** See {@link assetSchema}. */
export type Asset = Static<typeof assetSchema>

/** Body of `POST /api/boards/:boardId/assets/urls`. */
export const addressRequestSchema = closedObject({
  digests: Type.Array(digestSchema, { minItems: 1, maxItems: MAX_ADDRESSES }),
})

/** Addresses that need no access token. */
export const addressesSchema = Type.Object(
  {
    urls: Type.Record(Type.String(), Type.String(), {
      description: 'by digest, relative to the API; without files that the board does not have',
    }),
    expiresAt: Type.String({ format: 'date-time', description: 'when they end' }),
  },
  { description: 'Addresses of files' },
)

/** See {@link addressesSchema}. */
export type Addresses = Static<typeof addressesSchema>

/** A file, as bytes: the service reads them, no schema does. */
export const fileContent = { 'application/octet-stream': { schema: Type.Unknown() } }

/** Answers of the routes that send a file. */
export const fileResponses = {
  200: { description: 'The file', content: contentOfAllTypes() },
  206: { description: 'The part that `Range` asks for', content: contentOfAllTypes() },
  304: Type.Null({ description: 'It is what `If-None-Match` names; the answer has no body' }),
}

function contentOfAllTypes() {
  return Object.fromEntries(
    Object.keys(FILE_TYPES).map((type) => [type, { schema: Type.Unknown() }]),
  )
}
