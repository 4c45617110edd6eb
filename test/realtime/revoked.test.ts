import { CLOSE_CODES } from '@mindfuse/protocol'
import {
  callApi,
  createBoard,
  eventually,
  type SignedIn,
  signIn,
  startTcpProxy,
  type WhiteboardClient,
} from '@mindfuse/testing'
import { Redis } from 'ioredis'
import { describe, expect, inject } from 'vitest'
import { FailingRedis } from '../faults/redis.ts'
import { createClients } from '../support/clients.ts'
import { test as base } from '../support/fixtures.ts'
import { countLookups } from '../support/lookups.ts'
import { addMember } from '../support/people.ts'
import type { Stack } from '../support/stack.ts'

/** What the rules allow, and what a busy machine adds, milliseconds. */
const OVER_PUB_SUB_MS = 1_000 + 2_000
const OVER_POSITIONS_MS = 3_000 + 3_000

/** A gateway that was stopped for longer has to ask, milliseconds. */
const STOPPED_MS = 4_000

const test = base
  .extend('store', ({ redis, atEnd }) => {
    const store = new Redis(redis.url)
    atEnd(async () => {
      await store.call('replicaof', 'no', 'one')
      await store.call('config', 'set', 'maxmemory', '0')
      store.disconnect()
    })
    return store
  })
  /** A board with an owner, a member, and one who has another session of the owner. */
  .extend('gather', ({ atEnd, annotate }) => async (stack: Stack, gateway: number | string) => {
    const [ada, alan, elsewhere] = await Promise.all(
      ['ada', 'alan', 'ada'].map((name) => signIn(stack.apiUrl, `${name}@example.com`)),
    )
    const boardId = await createBoard(stack.apiUrl, ada!.accessToken)
    await addMember(stack, boardId, alan!, 'editor')
    const { realtimeUrls } = stack
    const clients = createClients({ realtimeUrls, boardId, who: ada! })
    atEnd(clients.endAll)
    const call = (who: SignedIn, method: string, path: string) =>
      callApi(`${stack.apiUrl}${path}`, { token: who.accessToken, method })
    const remove = () => call(ada!, 'DELETE', `/api/boards/${boardId}/members/${alan!.user.id}`)
    const signOut = () => call(elsewhere!, 'POST', '/api/auth/logout')
    /** Neither gets in, again and again. */
    const expectOut = async () => {
      for (let i = 0; i < 10; i++) {
        await expect(clients.whiteboard(gateway, alan)).rejects.toMatchObject({ status: 404 })
        await expect(clients.whiteboard(gateway, elsewhere)).rejects.toMatchObject({ status: 401 })
      }
    }
    /** Neither gets in while the gateway begins to admit others by what is kept in Redis again. */
    const expectOutForGood = async (realtimeUrl: string) => {
      const countHits = () => countLookups(realtimeUrl, 'hit')
      const before = await eventually('the gateway is there', async () => [await countHits()])
      const admitted: WhiteboardClient[] = []
      const enter = (who?: SignedIn) =>
        clients.whiteboard(gateway, who).then(
          (client) => admitted.push(client),
          () => undefined,
        )
      await eventually('what is kept counts again', async () => {
        const owner = await clients.whiteboard(gateway, ada)
        owner.destroy()
        const isKept = (await countHits()) > before[0]!
        await Promise.all([enter(alan), enter(elsewhere)])
        return isKept
      })
      expect(admitted).toEqual([])
    }
    /** Of how many people and sessions Redis has what they may do on the board. */
    const countKept = async (store: Redis) =>
      (await store.keys(`board:{${boardId}}:permission:*`)).length
    const connect = () =>
      Promise.all([alan, elsewhere, ada].map((who) => clients.whiteboard(gateway, who)))
    /** Removes both; they are out within a time from the answer. */
    const expectRemoved = async (status: number, withinMs: number, connected = connect()) => {
      const [member, session, owner] = (await connected) as [
        WhiteboardClient,
        WhiteboardClient,
        WhiteboardClient,
      ]
      const out = async (
        removal: () => ReturnType<typeof call>,
        { socket }: WhiteboardClient,
        code: number,
      ) => {
        const closed = new Promise<[number, number]>((resolve) => {
          socket.addEventListener('close', (event) => resolve([event.code, performance.now()]))
        })
        const answer = await removal()
        expect(answer).toMatchObject({ status })
        const answeredAt = performance.now()
        const [closeCode, closedAt] = await closed
        expect(closeCode).toBe(code)
        await annotate(`${closeCode} ${Math.round(closedAt - answeredAt)} ms after ${status}`)
        expect(closedAt - answeredAt).toBeLessThan(withinMs)
      }
      await out(remove, member, CLOSE_CODES.ACCESS_REMOVED)
      await out(signOut, session, CLOSE_CODES.SESSION_ENDED)
      await expectOut()
      expect(owner.closed).toBeUndefined()
    }
    return {
      ada: ada!,
      alan: alan!,
      clients,
      remove,
      connect,
      countKept,
      expectRemoved,
      expectOutForGood,
    }
  })

describe('AUTH-11 AUTH-12: who is removed is out', () => {
  test('at the time of the answer, where all is well', async ({ redis, startStack, gather }) => {
    const { expectRemoved } = await gather(await startStack({ redisUrl: redis.url }), 0)
    await expectRemoved(204, OVER_PUB_SUB_MS)
  })

  test('also while Redis is full', async ({ redis, store, startStack, gather }) => {
    const { expectRemoved } = await gather(await startStack({ redisUrl: redis.url }), 0)
    await store.call('config', 'set', 'maxmemory-policy', 'noeviction')
    await store.call('config', 'set', 'maxmemory', '1mb')
    const fill = async (): Promise<void> => {
      for (let i = 0; ; i++) await store.set(`filling ${i}`, 'x'.repeat(10_000))
    }
    await expect(fill()).rejects.toThrow('OOM')
    await expectRemoved(204, OVER_PUB_SUB_MS)
  })

  test('also while Redis is a replica', async ({ redis, store, startStack, gather }) => {
    const { expectRemoved } = await gather(await startStack({ redisUrl: redis.url }), 0)
    await store.call('replicaof', '127.0.0.1', '1')
    await expect(store.set('a', 'b')).rejects.toThrow('READONLY')
    await expectRemoved(204, OVER_PUB_SUB_MS)
  })

  test('also while the API is cut off from Redis', async ({
    redis,
    startStack,
    startGateway,
    gather,
    atEnd,
  }) => {
    const proxy = await startTcpProxy(redis.url)
    atEnd(() => proxy.stop())
    const stack = await startStack({ redisUrl: proxy.through(redis.url), gateways: 0 })
    const apiUrl = stack.apiUrl
    const { realtimeUrl } = await startGateway({
      redisUrl: redis.url,
      apiUrl,
      secret: stack.internalSecret,
    })
    const { expectRemoved } = await gather(stack, realtimeUrl)
    await proxy.stop()
    await expectRemoved(202, OVER_POSITIONS_MS)
  })

  test('also once a replica of Redis takes over that knows nothing of it', async ({
    startStack,
    gather,
    atEnd,
  }) => {
    const redis = await FailingRedis.start()
    atEnd(() => redis.stop())
    const proxy = await startTcpProxy(() => redis.ports)
    atEnd(() => proxy.stop())
    const redisUrl = `redis://127.0.0.1:${proxy.port}`
    const stack = await startStack({ redisUrl })
    const { connect, countKept, expectRemoved, expectOutForGood } = await gather(stack, 0)
    const connected = await connect()
    const store = new Redis(redisUrl)
    atEnd(() => store.disconnect())
    await eventually('everybody’s access is kept', async () => (await countKept(store)) === 3)
    await redis.promoteReplica(() =>
      expectRemoved(204, OVER_PUB_SUB_MS, Promise.resolve(connected)),
    )
    await eventually('the replica serves', () => store.ping())
    expect(await countKept(store)).toBe(3)
    await expectOutForGood(stack.realtimeUrl)
    expect(connected[2]?.closed).toBeUndefined()
    // It knows only what it is told from now on.
    await stack.restartGateway()
    await expectOutForGood(stack.realtimeUrl)
  })

  test.for(['volatile-lru', 'allkeys-lru'])(
    'also once Redis has evicted all it may by %s',
    async (policy, { redis, store, startStack, gather }) => {
      const stack = await startStack({ redisUrl: redis.url })
      const { connect, countKept, expectRemoved, expectOutForGood } = await gather(stack, 0)
      const connected = await connect()
      await eventually('everybody’s access is kept', async () => (await countKept(store)) === 3)
      await store.call('config', 'set', 'maxmemory-policy', policy)
      await store.call('config', 'set', 'maxmemory', '1')
      await eventually('all is evicted', async () => (await countKept(store)) === 0)
      await expectRemoved(204, OVER_PUB_SUB_MS, Promise.resolve(connected))
      await store.call('config', 'set', 'maxmemory', '0')
      await expectOutForGood(stack.realtimeUrl)
    },
  )
})

test('AUTH-7 AUTH-12 DRAFT-12: a gateway cut off from everything holds delivery, and goes on with those who may stay', async ({
  startStack,
  startGateway,
  gather,
  atEnd,
}) => {
  const stack = await startStack()
  const redisProxy = await startTcpProxy(inject('redisUrl'))
  const apiProxy = await startTcpProxy(stack.apiUrl)
  atEnd(() => Promise.all([redisProxy.stop(), apiProxy.stop()]))
  const { realtimeUrl } = await startGateway({
    redisUrl: redisProxy.through(inject('redisUrl')),
    apiUrl: apiProxy.through(stack.apiUrl).replace(/\/$/, ''),
    secret: stack.internalSecret,
    vouchSeconds: 5,
  })
  const { ada, alan, clients, remove } = await gather(stack, realtimeUrl)
  const [owner, member] = [
    await clients.whiteboard(realtimeUrl, ada),
    await clients.whiteboard(realtimeUrl, alan),
  ]
  await Promise.all([redisProxy.stop(), apiProxy.stop()])
  expect((await remove()).status).toBe(202)
  const cut = { status: 503, code: 'permission_unavailable' }
  await expect(clients.whiteboard(realtimeUrl, alan)).rejects.toMatchObject(cut)
  await owner.heard('access', ({ state }) => state === 'unconfirmed')
  await member.heard('access', ({ state }) => state === 'unconfirmed')
  const received = member.frames.length + member.messages.length
  owner.say({ type: 'broadcast', event: 'secret', payload: 1 })
  owner.say({ type: 'presence:update', cursor: { x: 1, y: 2 }, selection: [] })
  owner.say({ type: 'draft:update', drafts: [{ id: 'secret', version: 1, value: 1 }] })
  owner.say({ type: 'ping' })
  await owner.heard('pong')
  expect(member.frames.length + member.messages.length).toBe(received)

  await Promise.all([redisProxy.listen(), apiProxy.listen()])
  await eventually('the member is out', () => member.closed)
  expect(member.closed?.code).toBe(CLOSE_CODES.ACCESS_REMOVED)
  const withheld = ['broadcast', 'draft:sync']
  expect(member.messages.some(({ type }) => withheld.includes(type))).toBe(false)
  expect(owner.messages.some(({ type }) => type === 'draft:rejected')).toBe(false)
  await owner.heard('access', ({ state }) => state === 'confirmed')
  expect(owner.closed).toBeUndefined()
  await expect(clients.whiteboard(realtimeUrl, alan)).rejects.toMatchObject({ status: 404 })
})

test('AUTH-7: a gateway that was stopped sends nothing before it has asked', async ({
  startStack,
  startGateway,
  gather,
}) => {
  const stack = await startStack()
  const gateway = await startGateway({ apiUrl: stack.apiUrl, secret: stack.internalSecret })
  const { ada, alan, clients, remove } = await gather(stack, gateway.realtimeUrl)
  const [drawing, staying, leaving] = [
    clients.stock(0, ada),
    clients.stock(gateway.realtimeUrl, ada),
    clients.stock(gateway.realtimeUrl, alan),
  ]
  await Promise.all([drawing, staying, leaving].map((client) => client.synced()))
  const shapes = (client: typeof drawing) => client.doc.getMap('shapes')
  shapes(drawing).set('before', 1)
  await eventually('all have it', () => shapes(leaving).has('before') && shapes(staying).size === 1)
  let closeCode: number | undefined
  leaving.provider.once('connection-close', (event) => {
    closeCode = (event as { code: number } | null)?.code
  })

  gateway.child.kill('SIGSTOP')
  const stoppedAt = performance.now()
  expect((await remove()).status).toBe(202)
  shapes(drawing).set('secret', 1)
  await eventually('it was stopped for long', () => performance.now() - stoppedAt > STOPPED_MS)
  gateway.child.kill('SIGCONT')
  await eventually('the removed one is out', () => closeCode !== undefined)
  expect(closeCode).toBe(CLOSE_CODES.ACCESS_REMOVED)
  await eventually('who stays receives it', () => shapes(staying).has('secret'))
  expect(shapes(leaving).has('secret')).toBe(false)
})
