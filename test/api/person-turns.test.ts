import { openDatabase } from '@mindfuse/api'
import { callApi } from '@mindfuse/testing'
import { sql } from 'kysely'
import { expect } from 'vitest'
import { test } from '../support/fixtures.ts'

test('changes of one person that wait for a lock leave connections to others', async ({
  stack,
  ada,
  alan,
}) => {
  const rename = (token: string, workspaceId: string) =>
    callApi(`${stack.apiUrl}/api/workspaces/${workspaceId}`, {
      token,
      method: 'PATCH',
      body: { name: 'Renamed' },
    })
  const create = async (token: string): Promise<string> => {
    const path = `${stack.apiUrl}/api/workspaces`
    return (await callApi(path, { token, method: 'POST', body: { name: 'Team' } })).body.id
  }
  const [locked, other] = await Promise.all([create(ada.accessToken), create(alan.accessToken)])

  // Each of them waits for the row, as behind a slow transaction.
  const pool = openDatabase({ url: stack.database.url, poolSize: 1, onError: () => undefined })
  const renames = await pool.db.transaction().execute(async (tx) => {
    await sql`SELECT FROM workspaces WHERE id = ${locked} FOR UPDATE`.execute(tx)
    const waiting = Array.from({ length: 50 }, () => rename(ada.accessToken, locked))
    for (let i = 0; i < 10; i++) {
      expect((await rename(alan.accessToken, other)).status).toBe(200)
    }
    return { waiting }
  })
  await pool.close()
  const answers = await Promise.all(renames.waiting)
  expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
})
