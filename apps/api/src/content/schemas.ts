import { EXCALIDRAW_TYPE } from '@mindfuse/scene'
import { type Static, Type } from 'typebox'
import { closedObject } from '../http/fields.ts'

/** How large a board's document is, and what became of it. */
export const documentDetailsSchema = Type.Object(
  {
    seq: Type.Integer({ description: 'number of the newest stored update' }),
    bytes: Type.Integer({
      description:
        'stored bytes, snapshot and updates; what was deleted counts until the next merge',
    }),
    maxBytes: Type.Integer({
      description: 'the most there may be once it is merged; `board_full` beyond it',
    }),
    versions: Type.Object(
      {
        used: Type.Integer(),
        limit: Type.Union([Type.Integer(), Type.Null()], { description: 'null is no limit' }),
      },
      { description: 'named versions' },
    ),
    assets: Type.Object(
      {
        used: Type.Integer(),
        limit: Type.Integer(),
        bytes: Type.Integer(),
        maxBytes: Type.Union([Type.Integer(), Type.Null()], { description: 'null is no limit' }),
        maxBytesPerFile: Type.Integer(),
      },
      { description: 'files beside the document' },
    ),
    updates: Type.Integer({ description: 'updates that are not merged into the snapshot yet' }),
    tombstoneShare: Type.Union([Type.Number(), Type.Null()], {
      description: 'part of everything ever inserted that is deleted, as of the last merge',
    }),
    compactedAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
    quarantined: Type.Integer({
      description: 'stored parts that cannot be applied and are left out',
    }),
    isDamaged: Type.Boolean({ description: 'cannot be opened until a version is restored' }),
    buildFailure: Type.Union([Type.Enum(['too_costly', 'too_large', 'broken']), Type.Null()], {
      description:
        'why it can be neither exported nor merged until a version is restored: it takes too long or too much memory to build, or Yjs fails on it',
    }),
  },
  { description: 'Size and state of the stored document' },
)

/** See {@link documentDetailsSchema}. */
export type DocumentDetails = Static<typeof documentDetailsSchema>

/** Query of `GET /api/boards/:boardId/export`. */
export const exportQuerySchema = closedObject({
  format: Type.Optional(
    Type.Enum(['update', 'json', 'excalidraw'], {
      description:
        'a Yjs update (v1), the shared types as JSON, or the scene as a file of Excalidraw; by default as Accept says',
    }),
  ),
})

/** What a change of the document as a whole comes to. */
export const documentChangeSchema = Type.Object(
  {
    seq: Type.Integer({ description: 'number of the newest stored update now' }),
    changed: Type.Boolean({ description: 'false where everything was there already' }),
    skipped: Type.Optional(
      Type.Integer({
        description: 'of a scene, how many elements and files could not be taken over',
      }),
    ),
  },
  { description: 'Whether the document changed, and up to which edit it goes now' },
)

/** See {@link documentChangeSchema}. */
export type DocumentChange = Static<typeof documentChangeSchema>

/** A Yjs update (v1 encoding), as bytes: the worker reads them, no schema does. */
export const binaryContent = { 'application/octet-stream': { schema: Type.Unknown() } }

/** A file of Excalidraw, which the worker reads. */
export const sceneContent = { [EXCALIDRAW_TYPE]: { schema: Type.Unknown() } }

/** The formats that a document is exported in. */
export type ExportFormat = NonNullable<Static<typeof exportQuerySchema>['format']>
