import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { ApiError } from './errors.ts'

const DEFAULT_PAGE_SIZE = 20
const MAX_PAGE_SIZE = 100
const MAX_CURSOR_LENGTH = 512

/** Query parameters of every list. */
export const pageQuerySchema = Type.Object(
  {
    limit: Type.Integer({ minimum: 1, maximum: MAX_PAGE_SIZE, default: DEFAULT_PAGE_SIZE }),
    cursor: Type.Optional(
      Type.String({ maxLength: MAX_CURSOR_LENGTH, description: '`nextCursor` of the page before' }),
    ),
  },
  { additionalProperties: false },
)

/** See {@link pageQuerySchema}. */
export type PageQuery = Static<typeof pageQuerySchema>

/** Where a page ends: what the list is sorted by, then the id that tells equals apart. */
const positionSchema = Type.Object(
  { after: Type.String({ format: 'date-time' }), id: Type.String({ format: 'uuid' }) },
  { additionalProperties: false },
)

/** The place of a row in a list sorted by a time, newest first. */
export type Position = Static<typeof positionSchema>

/** One page: the items, and the cursor of the next page or null after the last. */
export const pageSchema = <Item extends TSchema>(item: Item) =>
  Type.Object({
    items: Type.Array(item),
    nextCursor: Type.Union([Type.String(), Type.Null()]),
  })

/** @throws ApiError 400 for a cursor that this API did not make. */
export function decodeCursor(cursor: string | undefined): Position | undefined {
  if (cursor === undefined) return undefined
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Value.Check(positionSchema, position)) return position
  } catch {
    // Not JSON: refused below like any other text that is no cursor.
  }
  throw new ApiError(400, 'invalid_cursor', 'The cursor is not one that this list gave out', {
    errors: [{ pointer: '/query/cursor', message: 'is not a cursor' }],
  })
}

/** Makes a page of rows that were read with one more than `limit`, to see whether more follow. */
export function toPage<Row, Item>(
  rows: Row[],
  limit: number,
  position: (row: Row) => Position,
  present: (row: Row) => Item,
): { items: Item[]; nextCursor: string | null } {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const nextCursor =
    rows.length > limit && last !== undefined
      ? Buffer.from(JSON.stringify(position(last))).toString('base64url')
      : null
  return { items: page.map(present), nextCursor }
}
