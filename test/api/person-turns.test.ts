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

test('slow reads of one person leave connections to others', async ({ stack, ada, alan }) => {
  const get = (token: string, path: string) => callApi(`${stack.apiUrl}${path}`, { token })
  const { body } = await callApi(`${stack.apiUrl}/api/workspaces`, {
    token: ada.accessToken,
    method: 'POST',
    body: { name: 'Team' },
  })
  const slow = `/api/workspaces/${body.id}/audit`
  expect((await get(ada.accessToken, slow)).status).toBe(200)

  // Each of them waits for the table.
  const pool = openDatabase({ url: stack.database.url, poolSize: 1, onError: () => undefined })
  const reads = await pool.db.transaction().execute(async (tx) => {
    await sql`LOCK TABLE audit_entries IN ACCESS EXCLUSIVE MODE`.execute(tx)
    const waiting = Array.from({ length: 50 }, () => get(ada.accessToken, slow))
    // Those of someone who hangs up are read to the end, and count until then.
    const hangUps = Array.from({ length: 20 }, async () => {
      await fetch(`${stack.apiUrl}${slow}`, {
        headers: { authorization: `Bearer ${ada.accessToken}` },
        signal: AbortSignal.timeout(50),
      }).catch(() => undefined)
    })
    await Promise.all(hangUps)
    for (let i = 0; i < 10; i++) {
      expect((await get(alan.accessToken, '/api/workspaces')).status).toBe(200)
    }
    return { waiting }
  })
  await pool.close()
  const answers = await Promise.all(reads.waiting)
  expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
})
