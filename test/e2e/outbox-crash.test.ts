import { startIdentityProvider } from '@mindfuse/embedded'
import type { DomainEvent } from '@mindfuse/internal'
import { resolvePort } from '@mindfuse/service-kit'
import { createDragonflySharedState, type SharedState } from '@mindfuse/shared-state'
import {
  callApi,
  createTestDatabase,
  eventually,
  signIn,
  type TestDatabase,
} from '@mindfuse/testing'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { type ServiceProcess, startProcess } from '../support/process.ts'

const HOST = '127.0.0.1'
const CHANGES = 10
const HEARD_WITHIN_MS = 5_000

let database: TestDatabase
let identityProvider: Awaited<ReturnType<typeof startIdentityProvider>>
let bus: SharedState
const heard: DomainEvent[] = []
const started: ServiceProcess[] = []

beforeEach(async () => {
  database = await createTestDatabase(inject('templateUrl'))
  identityProvider = await startIdentityProvider({ port: await resolvePort(0, HOST) })
  bus = createDragonflySharedState({ url: inject('redisUrl'), onError: () => undefined })
  bus.events.subscribe((message) => heard.push(JSON.parse(message)))
  await eventually('the bus answers', () => bus.ping().then(() => true))
})
afterEach(async () => {
  await Promise.all(started.splice(0).map((service) => service.stop('SIGKILL')))
  await bus.close()
  await identityProvider.stop()
  await database.drop()
})

/** An API as its own process, on the database of this test. */
async function startApi(redisUrl: string): Promise<{ service: ServiceProcess; url: string }> {
  const service = startProcess('apps/api/dist/main.js', {
    API_HOST: HOST,
    API_PORT: '0',
    DATABASE_URL: database.url,
    REDIS_URL: redisUrl,
    INTERNAL_SECRET: 'x'.repeat(16),
    OIDC_ISSUER: identityProvider.issuer,
    GOOGLE_CLIENT_ID: 'test',
    GOOGLE_CLIENT_SECRET: 'test',
    MIGRATE: '0',
  })
  started.push(service)
  const [, url = ''] = await service.untilPrinted(/"publicUrl":"([^"]+)","msg":"api ready"/)
  return { service, url }
}

test('what a killed API committed and could not publish is heard once another one runs', async () => {
  const nobody = await resolvePort(0, HOST)
  const { service, url } = await startApi(`redis://${HOST}:${nobody}`)
  const { accessToken: token } = await signIn(url, 'ada@example.com')
  const names = Array.from({ length: CHANGES }, (_, i) => `W${i}`)
  const created: string[] = []
  for (const name of names) {
    const { status, body } = await callApi(`${url}/api/workspaces`, { token, body: { name } })
    expect(status).toBe(201)
    created.push(body.id)
  }
  await service.stop('SIGKILL')

  const committed = () =>
    database.query(
      `SELECT seq::int, type, workspace_id AS "workspaceId", published_at AS "publishedAt"
       FROM events ORDER BY seq, created_at`,
    )
  const left = await committed()
  expect(left.map(({ workspaceId }) => workspaceId).sort()).toEqual([...created].sort())
  expect(left.every(({ publishedAt }) => publishedAt === null)).toBe(true)
  const isOurs = ({ workspaceId }: DomainEvent) =>
    workspaceId !== null && created.includes(workspaceId)
  expect(heard.filter(isOurs)).toEqual([])

  await startApi(inject('redisUrl'))
  await eventually('all are heard', () => heard.filter(isOurs).length >= CHANGES, HEARD_WITHIN_MS)
  await eventually('all are marked as published', async () =>
    (await committed()).every(({ publishedAt }) => publishedAt !== null),
  )
  const rows = await committed()
  expect(heard.filter(isOurs).map(({ seq, workspaceId }) => ({ seq, workspaceId }))).toEqual(
    rows.map(({ seq, workspaceId }) => ({ seq, workspaceId })),
  )
  // The order of the changes is the order in which they are told.
  expect(rows.map(({ workspaceId }) => workspaceId)).toEqual(created)
})
