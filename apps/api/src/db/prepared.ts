import { type Compilable, CompiledQuery } from 'kysely'
import { type Database, directRead } from './database.ts'

/** Runs a query that was built once, with the values of this time. */
export type PreparedQuery<Name extends string, Row> = (
  db: Database,
  values: Record<Name, string>,
) => Promise<Row[]>

/**
 * Builds a query once instead of at each request: for the few that run at every other one, where
 * building costs as much as running. `build` gets a placeholder for each named value; they may go
 * wherever a text parameter may, and not into SQL that depends on the value.
 *
 * @example
 * const findName = prepared(['id'], (db, { id }) =>
 *   db.selectFrom('users').select('name').where('id', '=', id))
 * const [user] = await findName(db, { id: userId })
 */
export function prepared<Name extends string, Row>(
  names: readonly Name[],
  build: (db: Database, placeholders: Record<Name, string>) => Compilable<Row>,
): PreparedQuery<Name, Row> {
  const placeholders = Object.fromEntries(names.map((name) => [name, `\u0000${name}`])) as Record<
    Name,
    string
  >
  const nameOf = new Map<unknown, Name>(names.map((name) => [placeholders[name], name]))
  let compiled: CompiledQuery | undefined

  return async (db, values) => {
    compiled ??= build(db, placeholders).compile()
    const { sql: text } = compiled
    const parameters = compiled.parameters.map((parameter) => {
      const name = nameOf.get(parameter)
      return name === undefined ? parameter : values[name]
    })
    const read = directRead(db)
    if (read) return (await read(text, parameters)) as Row[]
    return (await db.executeQuery<Row>(CompiledQuery.raw(text, parameters) as CompiledQuery<Row>))
      .rows
  }
}

/** As {@link PreparedQuery}, for a query that finds one row at most. */
export type PreparedFirst<Name extends string, Row> = (
  db: Database,
  values: Record<Name, string>,
) => Promise<Row | undefined>

/** As {@link prepared}, for a query that finds one row at most. */
export function preparedFirst<Name extends string, Row>(
  names: readonly Name[],
  build: (db: Database, placeholders: Record<Name, string>) => Compilable<Row>,
): PreparedFirst<Name, Row> {
  const query = prepared(names, build)
  return async (db, values) => (await query(db, values))[0]
}
