import {
  type Expression,
  type RawBuilder,
  type SelectQueryBuilder,
  type SqlBool,
  sql,
} from 'kysely'

/** Where a page ends: the value the list is sorted by, then the id that breaks ties. */
export interface Position {
  after: string
  id: string
}

/** Which part of a list is read. */
export interface KeysetPage {
  limit: number
  /** Where the page before ended; undefined for the first. */
  after: Position | undefined
}

/** The order of a list: by `column` and then by `id`, both in the same direction. */
export interface KeysetOrder {
  column: Expression<unknown>
  id: Expression<unknown>
  type: 'timestamptz' | 'text'
  direction: 'asc' | 'desc'
}

/** The order by a column of times. */
export function byTime(column: string, id: string, direction: 'asc' | 'desc'): KeysetOrder {
  return { column: sql.ref(column), id: sql.ref(id), type: 'timestamptz', direction }
}

/** One page of the rows that a query finds. */
export function pageOf<DB, Tables extends keyof DB, Row>(
  query: SelectQueryBuilder<DB, Tables, Row>,
  { limit, after }: KeysetPage,
  order: KeysetOrder,
): SelectQueryBuilder<DB, Tables, Row> {
  return query
    .where(comesAfter(after, order))
    .orderBy(order.column, order.direction)
    .orderBy(order.id, order.direction)
    .limit(limit)
}

/** The condition under which a row comes after a position. True for every row without a position. */
export function comesAfter(
  position: Position | undefined,
  { column, id, type, direction }: KeysetOrder,
): RawBuilder<SqlBool> {
  if (!position) return sql`true`
  const comparison = sql.raw(direction === 'asc' ? '>' : '<')
  return sql`(${column}, ${id}) ${comparison}
    (${position.after}::${sql.raw(type)}, ${position.id}::uuid)`
}

/** A LIKE pattern for text that contains `part`, whatever `%` and `_` are in it. */
export function containing(part: string): string {
  return `%${part.replace(/[\\%_]/g, '\\$&')}%`
}
