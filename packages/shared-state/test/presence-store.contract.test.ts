import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { GATEWAY_LEASE_MS, type PresenceStore } from '../src/presence-store.ts'
import { IMPLEMENTATIONS, type Subject } from './implementations.ts'

describe.each(Object.keys(IMPLEMENTATIONS))('the presence store %s', (name) => {
  let subject: Subject
  let store: PresenceStore
  let boardId: string
  let gatewayId: string
  beforeAll(async () => {
    subject = await IMPLEMENTATIONS[name]!()
    store = subject.one.presence
  })
  afterAll(() => subject.close())
  beforeEach(async () => {
    boardId = randomUUID()
    gatewayId = randomUUID()
    await store.renewLease(gatewayId)
  })

  const entry = (presence = '{}', gateway = gatewayId) => ({
    connectionId: randomUUID(),
    gatewayId: gateway,
    presence,
  })
  const listed = async () =>
    (await subject.other.presence.list(boardId)).map(({ connectionId }) => connectionId).sort()

  test('a board that nobody was on is empty', async () => {
    expect(await store.list(boardId)).toEqual([])
  })

  test('lists what was put last for each connection, as it was put', async () => {
    const one = entry('{"name":"白板"}')
    await store.put(boardId, [{ ...one, presence: 'old' }])
    await store.put(boardId, [one])
    expect(await subject.other.presence.list(boardId)).toEqual([one])
    expect(await store.list(randomUUID())).toEqual([])
  })

  test('removes connections, those that are not there too', async () => {
    const [one, two, three] = [entry(), entry(), entry()]
    await store.put(boardId, [one, two, three])
    await store.remove(boardId, [one.connectionId, two.connectionId, randomUUID()])
    expect(await listed()).toEqual([three.connectionId])
    await store.remove(boardId, [])
    await store.remove(randomUUID(), [three.connectionId])
    expect(await listed()).toEqual([three.connectionId])
  })

  test('a gateway is alive for its lease, and as long as it renews it', async () => {
    await subject.pass(GATEWAY_LEASE_MS - 500, gatewayId)
    expect(await store.findDead([gatewayId])).toEqual([])
    expect(await store.renewLease(gatewayId)).toBe(true)
    await subject.pass(GATEWAY_LEASE_MS - 500, gatewayId)
    expect(await store.findDead([gatewayId])).toEqual([])
    await subject.pass(500, gatewayId)
    expect(await store.findDead([gatewayId])).toEqual([gatewayId])
    expect(await store.renewLease(gatewayId)).toBe(false)
  })

  test('finds dead gateways, in order: unknown ones and those that left', async () => {
    const [unknown, gone] = [randomUUID(), randomUUID()]
    await store.renewLease(gone)
    await store.releaseLease(gone)
    await store.releaseLease(randomUUID())
    expect(await store.findDead([unknown, gatewayId, gone])).toEqual([unknown, gone])
    expect(await store.findDead([])).toEqual([])
  })

  test('leaves out the connections of dead gateways and clears them away for good', async () => {
    const dead = randomUUID()
    await store.renewLease(dead)
    const [ghost, living] = [entry('{}', dead), entry()]
    await store.put(boardId, [ghost])
    await store.put(boardId, [living])
    expect(await listed()).toEqual([ghost.connectionId, living.connectionId].sort())

    await store.releaseLease(dead)
    expect(await listed()).toEqual([living.connectionId])
    await store.renewLease(dead)
    expect(await listed()).toEqual([living.connectionId])
  })
})
