import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely'

/** Where a page ends: the value the list is sorted by, then the id that tells equals apart. */
export interface Position {
  after: string
  id: string
}

/**
 * The condition under which a row comes after a position, in a list sorted by `column` and then
 * by `id`, both in the same direction. True for every row without a position.
 */
export function comesAfter(
  position: Position | undefined,
  columns: { column: Expression<unknown>; id: Expression<unknown>; type: 'timestamptz' | 'text' },
  direction: 'asc' | 'desc',
): RawBuilder<SqlBool> {
  if (!position) return sql`true`
  const comparison = sql.raw(direction === 'asc' ? '>' : '<')
  const type = sql.raw(columns.type)
  return sql`(${columns.column}, ${columns.id}) ${comparison}
    (${position.after}::${type}, ${position.id}::uuid)`
}

/** A LIKE pattern for text that contains `part`, whatever `%` and `_` are in it. */
export function containing(part: string): string {
  return `%${part.replace(/[\\%_]/g, '\\$&')}%`
}
