import { type Static, Type } from 'typebox'

/** The media type of every error reply (RFC 9457). */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

/** An RFC 9457 problem, the body of every error response of both services. */
export const problemSchema = Type.Object({
  type: Type.String({ description: 'Names the kind of problem; stable' }),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.Optional(Type.String()),
  /** Stable, for programs. */
  code: Type.String(),
  requestId: Type.Optional(Type.String()),
  errors: Type.Optional(
    Type.Array(
      Type.Object({
        pointer: Type.String({ description: 'JSON pointer into the body, or the parameter' }),
        message: Type.String(),
      }),
    ),
  ),
  /** What a program needs besides the code; each code has its own. */
  details: Type.Optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
      description:
        'More about the problem; for `quota_exceeded` the `quota` (workspaces, boards, storage, versions, versionBytes, assets, assetBytes), its `scope` (person, workspace, board), `limit` and what would be `used`; for `scope_required` the `scope` that a key needs; for `board_trashed` the `name` of the board, `trashedAt`, and whether you may restore it, `canRestore`',
    }),
  ),
})

/** See {@link problemSchema}. */
export type Problem = Static<typeof problemSchema>
