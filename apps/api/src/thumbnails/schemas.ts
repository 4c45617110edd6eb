import { Type } from 'typebox'
import { boardParamsSchema } from '../boards/schemas.ts'

/** What a thumbnail may be, by its media type. */
export const THUMBNAIL_TYPES = ['image/png', 'image/webp'] as const

/** One of {@link THUMBNAIL_TYPES}. */
export type ThumbnailType = (typeof THUMBNAIL_TYPES)[number]

/** Most bytes of a thumbnail: a page that is being left sends 64 KiB at most, with what else it has to send. */
export const MAX_THUMBNAIL_BYTES = 48 * 1024

/** Most pixels of its width and of its height: a few bytes may ask a browser for gigabytes of them. */
export const MAX_THUMBNAIL_PIXELS = 2_048

/** Path of a thumbnail by a signed address. */
export const signedThumbnailParamsSchema = Type.Object({
  ...boardParamsSchema.properties,
  digest: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of the thumbnail' }),
})

/** A thumbnail, as bytes: the service reads them, no schema does. */
export const thumbnailContent = Object.fromEntries(
  THUMBNAIL_TYPES.map((type) => [type, { schema: Type.Unknown() }]),
)

/** Answers of the routes that send a thumbnail. */
export const thumbnailResponses = {
  200: { description: 'The thumbnail', content: thumbnailContent },
  304: Type.Null({ description: 'It is what `If-None-Match` names; the answer has no body' }),
}
