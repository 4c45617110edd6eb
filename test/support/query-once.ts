import { Client } from 'pg'

/** Runs one statement on a connection of its own. */
export async function queryOnce(url: string, text: string, values: unknown[] = []): Promise<any[]> {
  const client = new Client({ connectionString: url })
  // A server that is killed breaks the connection, too; the statement says so.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(text, values)).rows
  } finally {
    await client.end()
  }
}
