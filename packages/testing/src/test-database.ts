import { randomUUID } from 'node:crypto'
import { Client } from 'pg'

/** A database of a test's own. */
export interface TestDatabase {
  url: string
  /** Runs one statement, for what a test must see or arrange behind the services' back. */
  query(text: string, values?: unknown[]): Promise<any[]>
  drop(): Promise<void>
}

/**
 * Copies a migrated template database.
 * @param templateUrl connection string of the template, of a user who may create databases
 */
export async function createTestDatabase(templateUrl: string): Promise<TestDatabase> {
  const template = new URL(templateUrl).pathname.slice(1)
  const name = `test_${randomUUID().replaceAll('-', '')}`
  const admin = Object.assign(new URL(templateUrl), { pathname: '/postgres' }).href
  await execute(admin, `CREATE DATABASE ${name} TEMPLATE ${template}`)
  const url = Object.assign(new URL(templateUrl), { pathname: `/${name}` }).href
  return {
    url,
    query: (text, values) => execute(url, text, values),
    drop: async () => void (await execute(admin, `DROP DATABASE ${name} WITH (FORCE)`)),
  }
}

async function execute(url: string, text: string, values: unknown[] = []): Promise<any[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text, values)).rows
  } finally {
    await client.end()
  }
}
