import pg from 'pg'

/**
 * What the driver's types leave out. A driver that calls them otherwise would not ask for what is
 * remembered below, and be slower.
 */
declare module 'pg' {
  interface Query {
    name: string
    _result: Result
    _results: Result
  }
  interface Result {
    _parsers: unknown
    _prebuiltEmptyResultObject: unknown
    addFields(fields: pg.FieldDef[]): void
  }
}

/** Most statements that are prepared; each costs memory on every connection of the server. */
const MAX_PREPARED_STATEMENTS = 300

/** Makes a query of a statement and this time's values, for {@link run}. */
export type Prepare = (text: string, values: unknown[]) => pg.Query

/**
 * Gives statements that have parameters names, so that each is prepared once per connection. Past
 * {@link MAX_PREPARED_STATEMENTS} there must be some of varying shape, which get none: they are
 * better planned each time.
 *
 * @param options.isNamed false where the next statement may reach another connection of the server, which
 * does not know the name or has it for another text
 */
export function createPrepare({ isNamed }: { isNamed: boolean }): Prepare {
  const statements = new Map<string, Statement>()
  return (text, values) => {
    let statement = statements.get(text)
    if (!statement && values.length > 0 && statements.size < MAX_PREPARED_STATEMENTS) {
      const name = isNamed ? `mindfuse_${statements.size}` : ''
      statement = { name, text, columns: undefined }
      statements.set(text, statement)
    }
    return statement ? new StatementQuery(statement, values) : new pg.Query(text, values)
  }
}

/**
 * Runs a query, which can be run once, on a connection or on any of a pool.
 * @throws pg.DatabaseError where PostgreSQL refuses it, another error where the connection fails
 */
export async function run(on: pg.Pool | pg.ClientBase, query: pg.Query): Promise<pg.QueryResult> {
  try {
    return await new Promise((resolve, reject) => {
      ;(on as unknown as QueryTaker).query(query, (error, result) => {
        if (error) reject(error)
        else resolve(result)
      })
    })
  } catch (error) {
    // It would lead to the socket otherwise, and not to who asked.
    if (error instanceof Error) Error.captureStackTrace(error)
    throw error
  }
}

/** How the driver takes queries that are made already, which its types leave out. */
interface QueryTaker {
  query(
    query: pg.Query,
    done: (error: Error | null | undefined, result: pg.QueryResult) => void,
  ): void
}

interface Statement {
  /** Empty where it has none. */
  name: string
  text: string
  /** Of its last answer. */
  columns: Columns | undefined
}

/** What the driver makes of an answer's columns. */
interface Columns {
  fields: pg.FieldDef[]
  _parsers: unknown
  _prebuiltEmptyResultObject: unknown
}

/**
 * A query of a statement with a name. The driver copies a query that comes as an object, and makes
 * an object in dictionary mode of the columns of each answer, which together is most of what it does
 * for a small one.
 */
class StatementQuery extends pg.Query {
  constructor(statement: Statement, values: unknown[]) {
    super(statement.text, values)
    this.name = statement.name
    this._result = new StatementResult(statement)
    this._results = this._result
  }
}

class StatementResult extends pg.Result {
  readonly #statement: Statement

  constructor(statement: Statement) {
    super('object', undefined as never)
    this.#statement = statement
  }

  override addFields(fields: pg.FieldDef[]): void {
    const known = this.#statement.columns
    if (known && isSameColumns(known.fields, fields)) {
      this.fields = known.fields
      this._parsers = known._parsers
      this._prebuiltEmptyResultObject = known._prebuiltEmptyResultObject
      return
    }
    super.addFields(fields)
    const { _parsers, _prebuiltEmptyResultObject } = this
    this.#statement.columns = { fields, _parsers, _prebuiltEmptyResultObject }
  }
}

/** A statement may get other columns by a migration. */
function isSameColumns(a: readonly pg.FieldDef[], b: readonly pg.FieldDef[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ name, dataTypeID, format }, i) => {
      const other = b[i]
      return name === other?.name && dataTypeID === other.dataTypeID && format === other.format
    })
  )
}
