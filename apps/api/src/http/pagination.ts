import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { KeysetPage, Position } from '../db/keyset.ts'
import { ApiError } from './errors.ts'
import { closedObject } from './fields.ts'

const DEFAULT_PAGE_SIZE = 20
const MAX_PAGE_SIZE = 100
const MAX_CURSOR_LENGTH = 2_048

/** Query parameters that every list has. */
export const pageQuerySchema = closedObject({
  limit: Type.Integer({ minimum: 1, maximum: MAX_PAGE_SIZE, default: DEFAULT_PAGE_SIZE }),
  cursor: Type.Optional(
    Type.String({ maxLength: MAX_CURSOR_LENGTH, description: '`nextCursor` of the page before' }),
  ),
})

/** See {@link pageQuerySchema}. */
export type PageQuery = Static<typeof pageQuerySchema>

/** One page: the items, and the cursor of the next page or null after the last. */
export const pageSchema = <Item extends TSchema>(item: Item, description: string) =>
  Type.Object(
    {
      items: Type.Array(item),
      nextCursor: Type.Union([Type.String(), Type.Null()]),
    },
    { description },
  )

/** A page of items. */
export interface Page<Item> {
  items: Item[]
  nextCursor: string | null
}

const positionFields = { id: Type.String({ format: 'uuid' }), sort: Type.String() }
const timePositionSchema = Type.Object({
  after: Type.String({ format: 'date-time' }),
  ...positionFields,
})
const textPositionSchema = Type.Object({ after: Type.String(), ...positionFields })

/**
 * The position that a cursor stands for.
 *
 * @param sort names the order of the list; a cursor of another order is refused
 * @param kind what the list is sorted by
 * @throws ApiError 400 for a cursor that this list did not give out
 */
export function decodeCursor(
  cursor: string | undefined,
  sort: string,
  kind: 'time' | 'text' = 'time',
): Position | undefined {
  if (cursor === undefined) return undefined
  const position = parse(cursor)
  const schema = kind === 'time' ? timePositionSchema : textPositionSchema
  if (Value.Check(schema, position) && position.sort === sort) {
    // The format allows the 30th of February, the database does not.
    if (kind === 'text' || !Number.isNaN(Date.parse(position.after))) return position
  }
  throw new ApiError(400, 'invalid_cursor', 'Invalid cursor; pass `nextCursor` of this list', {
    errors: [{ pointer: '/query/cursor', message: 'is not a cursor of this list' }],
  })
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    // Not JSON, so not a cursor: the caller refuses it like any other.
    return undefined
  }
}

/** Makes a page of rows that were read with one more than `limit`, to see whether more follow. */
export function toPage<Row, Item>(
  rows: Row[],
  options: {
    limit: number
    sort: string
    position: (row: Row) => Position
    present: (row: Row) => Item
  },
): Page<Item> {
  const { limit, sort, position, present } = options
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const nextCursor =
    rows.length > limit && last !== undefined
      ? Buffer.from(JSON.stringify({ ...position(last), sort })).toString('base64url')
      : null
  return { items: page.map(present), nextCursor }
}

/** Reads a page of a list as `query` asks for it. @throws ApiError 400 for a cursor of another list */
export async function listPage<Row, Item>(
  query: PageQuery,
  list: {
    sort: string
    /** What the list is sorted by; times by default. */
    kind?: 'time' | 'text'
    read: (page: KeysetPage) => Promise<Row[]>
    position: (row: Row) => Position
    present: (row: Row) => Item
  },
): Promise<Page<Item>> {
  const { limit } = query
  const after = decodeCursor(query.cursor, list.sort, list.kind)
  return toPage(await list.read({ limit: limit + 1, after }), { limit, ...list })
}

/** The position of a row in a list that is sorted by when rows were created. */
export function byCreation(row: { created_at: Date; id: string }): Position {
  return { after: row.created_at.toISOString(), id: row.id }
}

/** A list of what was created last first. */
export const NEWEST_FIRST = { sort: '-createdAt', position: byCreation } as const

/** A list of people in the order in which they joined. */
export const BY_JOINING = {
  sort: 'joinedAt',
  position: (row: { joined_at: Date; user_id: string }): Position => ({
    after: row.joined_at.toISOString(),
    id: row.user_id,
  }),
} as const
