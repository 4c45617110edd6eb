import { encodeUpdate } from '@mindfuse/protocol'
import { eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import { Doc, encodeStateAsUpdate } from 'yjs'
import { testWith } from '../support/fixtures.ts'

interface Instance {
  id: string
  version: string
  reasons: string[]
  silentSeconds: number
  eventLoopUtilization: number
  memoryBytes: number
  connections: number
  rooms: number
  editsPerSecond: number
  messagesPerSecond: number
  storeSeconds: number | null
}

interface Instances {
  isComplete: boolean
  apis: Instance[]
  gateways: Instance[]
  queues: { boardsToMerge: number; boardsFailing: number; quarantined: number }
}

const test = testWith({ gateways: 2 }).extend('instances', ({ as, administrator }) => async () => {
  const { status, body } = await as(administrator, '/api/admin/instances')
  expect(status).toBe(200)
  return body as unknown as Instances
})

test('an administrator sees each API and gateway, and what people do there', async ({
  instances,
  whiteboard,
  boardId,
  stack,
}) => {
  const all = await eventually('all have reported', async () => {
    const known = await instances()
    return known.apis.length === 1 && known.gateways.length === 2 ? known : undefined
  })
  expect(all.isComplete).toBe(true)
  const ready = await eventually('all are ready', async () => {
    const { apis, gateways } = await instances()
    const all = [...apis, ...gateways]
    return all.every(({ reasons }) => reasons.length === 0) ? all : undefined
  })
  for (const instance of ready) {
    expect(instance).toMatchObject({ version: 'development' })
    expect(instance.silentSeconds).toBeLessThan(60)
    expect(instance.memoryBytes).toBeGreaterThan(1_000_000)
  }

  const [editor, reader] = [await whiteboard(0), await whiteboard(1)]
  await reader.heard('hello')
  const doc = new Doc()
  let seq = 0
  const isBusy = (instance: Instance) =>
    instance.rooms === 1 && instance.connections === 1 && instance.editsPerSecond > 0
  const gateways = await eventually('an edit is counted', async () => {
    doc.getMap('shapes').set('a', seq++)
    editor.socket.send(encodeUpdate(encodeStateAsUpdate(doc)))
    await editor.heard('sync:ack', ({ saved }) => saved >= seq)
    const { gateways } = await instances()
    return gateways.some(isBusy) ? gateways : undefined
  })
  const busy = gateways.find(isBusy)
  expect(busy?.messagesPerSecond).toBeGreaterThan(0)
  expect(busy?.storeSeconds).toBeGreaterThan(0)
  await eventually('the reader is counted where it is', async () => {
    const { gateways } = await instances()
    return gateways.every(({ connections, rooms }) => connections === 1 && rooms === 1)
  })

  const { query } = stack.database
  await query(
    `INSERT INTO compaction_queue (board_id, due_at, attempts) VALUES ($1, now() + interval '1 hour', 2)`,
    [boardId],
  )
  await eventually('the queue is counted', async () => {
    const { queues } = await instances()
    return queues.boardsToMerge === 1 && queues.boardsFailing === 1
  })
})

test('a gateway that was replaced is listed for a while, beside the new one', async ({
  instances,
  stack,
}) => {
  const before = await eventually('all have reported', async () => {
    const { gateways } = await instances()
    return gateways.length === 2 ? gateways : undefined
  })
  await stack.restartGateway(1)
  const after = await eventually('the new one has reported', async () => {
    const { gateways } = await instances()
    return gateways.length === 3 ? gateways : undefined
  })
  expect(after.map(({ id }) => id)).toEqual(expect.arrayContaining(before.map(({ id }) => id)))
})

test('a report that cannot be read keeps no gateway from asking', async ({ stack }) => {
  const headers = {
    authorization: `Internal-Secret ${stack.internalSecret}`,
    'content-type': 'application/json',
  }
  const body = { gatewayId: crypto.randomUUID(), vouchMs: 0, report: { kind: 'gateway', id: 7 } }
  const url = `${stack.apiUrl}/internal/access-changes`
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(answer.status).toBe(200)
})
