import { startIdentityProvider } from '@mindfuse/embedded'
import type { DomainEvent } from '@mindfuse/internal'
import { resolvePort } from '@mindfuse/service-kit'
import { createDragonflySharedState } from '@mindfuse/shared-state'
import { callApi, eventually, signIn } from '@mindfuse/testing'
import { expect, inject } from 'vitest'
import { test as base } from '../support/process-fixtures.ts'

const HOST = '127.0.0.1'
const CHANGES = 10
const HEARD_WITHIN_MS = 5_000

const test = base
  .extend('identityProvider', async ({ task: _ }, { onCleanup }) => {
    const provider = await startIdentityProvider({ port: await resolvePort(0, HOST) })
    onCleanup(() => provider.stop())
    return provider
  })
  /** What is published on the bus. */
  .extend('heard', async ({ task: _ }, { onCleanup }) => {
    const heard: DomainEvent[] = []
    const bus = createDragonflySharedState({ url: inject('redisUrl'), onError: () => undefined })
    onCleanup(() => bus.close())
    // Others of this server are heard too, and may say nothing.
    bus.events.subscribe((message) => void (message && heard.push(JSON.parse(message))))
    await eventually('the bus answers', () => bus.ping().then(() => true))
    return heard
  })
  .extend('runApi', ({ startApi, identityProvider }) => async (redisUrl: string) => {
    const service = startApi({ REDIS_URL: redisUrl, OIDC_ISSUER: identityProvider.issuer })
    const [, url = ''] = await service.untilPrinted(/"publicUrl":"([^"]+)","msg":"api ready"/)
    return { service, url }
  })

test('a change that a killed API committed and could not publish is sent once another one runs', async ({
  runApi,
  database,
  heard,
}) => {
  const nobody = await resolvePort(0, HOST)
  const { service, url } = await runApi(`redis://${HOST}:${nobody}`)
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

  await runApi(inject('redisUrl'))
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
