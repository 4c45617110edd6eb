import { readFile } from 'node:fs/promises'
import { startIdentityProvider } from '@mindfuse/embedded'
import { callApi, createBoard, eventually, signIn } from '@mindfuse/testing'
import { expect } from 'vitest'
import { Doc, encodeStateAsUpdate } from 'yjs'
import { pickPort } from '../support/ports.ts'
import { test as base } from '../support/process-fixtures.ts'

const ROLE = 'mindfuse_api'

/** The statements of the documentation. */
async function readGrants(): Promise<string> {
  const text = await readFile('docs/OPERATIONS.md', 'utf8')
  const [, grants] = /### A role for the API.*?```sql\n(.*?)```/s.exec(text) ?? []
  return grants ?? expect.fail('the documentation has no grants')
}

const test = base
  /** Where a role logs in that has nothing but what the documentation grants. */
  .extend('roleUrl', async ({ database }, { onCleanup }) => {
    const url = new URL(database.url)
    const owner = url.username || 'postgres'
    const role = `${ROLE}_${url.pathname.slice(1)}`.slice(0, 60)
    const grants = (await readGrants())
      .replaceAll(ROLE, `"${role}"`)
      .replaceAll('FOR ROLE mindfuse ', `FOR ROLE "${owner}" `)
    await database.query(grants)
    onCleanup(async () => {
      await database.query(`DROP OWNED BY "${role}"`)
      await database.query(`DROP ROLE "${role}"`)
    })
    await database.query(`ALTER ROLE "${role}" PASSWORD 'secret'`)
    url.username = role
    url.password = 'secret'
    return url.href
  })

test('an API serves people as a role that has what the documentation grants', async ({
  database,
  roleUrl,
  startApi,
}) => {
  const identity = await startIdentityProvider({ port: await pickPort() })
  const port = await pickPort()
  const apiUrl = `http://localhost:${port}`
  const api = startApi({
    ...{ API_PORT: `${port}`, OIDC_ISSUER: identity.issuer, DATABASE_URL: roleUrl },
  })
  await api.untilPrinted(/api ready/)
  const { accessToken: token } = await signIn(apiUrl, 'ada@example.com')
  const call = async (method: string, path: string, body?: object | Uint8Array) => {
    const answer = await callApi(`${apiUrl}/api${path}`, { token, method, body })
    expect([method, path, answer.status]).toEqual([
      method,
      path,
      expect.toSatisfy((it) => it < 300),
    ])
    return answer.body
  }
  const boardId = await createBoard(apiUrl, token)
  const doc = new Doc()
  doc.getMap('shapes').set('a', 1)
  const imported = await fetch(`${apiUrl}/api/boards/${boardId}/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: encodeStateAsUpdate(doc),
  })
  expect(imported.status).toBe(200)
  const version = await call('POST', `/boards/${boardId}/versions`, { name: 'First' })
  await call('POST', `/boards/${boardId}/versions/${version.id}/restore`)
  await call('GET', `/boards/${boardId}/history`)
  const invite = await call('POST', `/boards/${boardId}/invite`, { role: 'viewer' })
  await call('DELETE', `/boards/${boardId}/invites/${invite.id}`)
  await call('POST', `/boards/${boardId}/duplicate`, {})
  await call('DELETE', `/boards/${boardId}`)
  await call('DELETE', `/boards/${boardId}/permanently`)
  const workspace = await call('POST', '/workspaces', { name: 'Team' })
  await call('POST', `/workspaces/${workspace.id}/members`, { email: 'grace@example.com' })
  await call('GET', `/workspaces/${workspace.id}/audit`)
  await call('DELETE', `/workspaces/${workspace.id}`)
  await eventually('all is published', async () => {
    const rows = await database.query('SELECT FROM events WHERE published_at IS NULL')
    return rows.length === 0
  })
  await call('DELETE', '/auth/me')
  expect(api.output()).not.toContain('permission denied')
  await api.stop()
  await identity.stop()
})

test('an API that may not read which migrations are applied does not start', async ({
  database,
  roleUrl,
  startApi,
}) => {
  const role = new URL(roleUrl).username
  await database.query(`REVOKE SELECT ON kysely_migration FROM "${role}"`)
  const api = startApi({ DATABASE_URL: roleUrl })
  expect(await api.exitCode()).toBe(1)
  expect(api.output()).toContain('permission denied for table kysely_migration')
})
