import { eventually, startTcpProxy, type TcpProxy } from '@mindfuse/testing'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { createDragonflySharedState } from '../src/dragonfly/shared-state.ts'
import { createMemorySharedState } from '../src/memory/shared-state.ts'
import type { SharedState } from '../src/shared-state.ts'

/** Twice the time a command may take: what comes later is a call that hangs. */
const SOON_MS = 2_000

/** Less than the time a command may take: what comes sooner did not wait for that to pass. */
const BEFORE_TIMEOUT_MS = 900

/** A second between two pings, two until a line is given up, and what a busy machine adds. */
const SILENCE_NOTICED_MS = 6_000

const KEY = { boardId: 'board', userId: 'user', sessionId: 'session' }

/** Every call on `state`, by name. */
const CALLS: Record<string, (state: SharedState) => Promise<unknown>> = {
  'permissions.get': (state) => state.permissions.get(KEY),
  'permissions.set': (state) => state.permissions.set(KEY, 'entry'),
  'presence.list': (state) => state.presence.list('board'),
  'presence.renewLease': (state) => state.presence.renewLease('gateway'),
  'rates.increment': (state) => state.rates.increment('key', 1_000),
  'access.publish': (state) => state.access.publish('message'),
  ping: (state) => state.ping(),
}

/** How each call has ended that ends without waiting for anything at all. */
async function outcomesAtOnce(state: SharedState): Promise<string[]> {
  const names = Object.keys(CALLS)
  const statuses = names.map(() => 'pending')
  for (const [i, name] of names.entries()) {
    CALLS[name]!(state).then(
      () => (statuses[i] = 'fulfilled'),
      () => (statuses[i] = 'rejected'),
    )
  }
  await new Promise((resolve) => setImmediate(resolve))
  return statuses
}

/** How each call ended, and within which time all of them had. */
async function outcomes(state: SharedState) {
  const start = performance.now()
  const settled = await Promise.allSettled(Object.values(CALLS).map((call) => call(state)))
  const ms = performance.now() - start
  return { statuses: settled.map(({ status }) => status), ms }
}

const ALL_REJECTED = Object.keys(CALLS).map(() => 'rejected')
const ALL_FULFILLED = Object.keys(CALLS).map(() => 'fulfilled')

describe('while the server is away', () => {
  let proxy: TcpProxy
  let state: SharedState
  let errors: Error[]
  let timesConnected: number
  beforeEach(async () => {
    proxy = await startTcpProxy(inject('redisUrl'))
    errors = []
    timesConnected = 0
    state = createDragonflySharedState({
      url: proxy.through(inject('redisUrl')),
      onError: (error) => errors.push(error),
      onConnected: () => timesConnected++,
    })
    await eventually('the server answers', () => state.ping().then(() => true))
  })
  afterEach(async () => {
    await state.close()
    await proxy.stop()
  })

  test('every call rejects at once, and works again when it is back', async () => {
    expect((await outcomes(state)).statuses).toEqual(ALL_FULFILLED)

    await proxy.stop()
    await eventually('the loss is noticed', () => errors.length > 0)
    expect(await outcomesAtOnce(state)).toEqual(ALL_REJECTED)

    await proxy.listen()
    await eventually('it answers again', () => state.ping().then(() => true))
    expect((await outcomes(state)).statuses).toEqual(ALL_FULFILLED)
    await eventually('that is said once more', () => timesConnected === 2)
  })

  test('a call that was under way when the line broke rejects', async () => {
    proxy.sever()
    const pending = outcomes(state)
    await proxy.stop()
    const { statuses, ms } = await pending
    expect(statuses).toEqual(ALL_REJECTED)
    expect(ms).toBeLessThan(BEFORE_TIMEOUT_MS)
  })

  test('a server that takes calls and answers none does not hold them up', async () => {
    proxy.sever()
    const { statuses, ms } = await outcomes(state)
    expect(statuses).toEqual(ALL_REJECTED)
    expect(ms).toBeLessThan(SOON_MS)
  })

  test('the last word stands: nothing that was refused is sent later', async () => {
    const { rates } = state
    const key = crypto.randomUUID()
    const count = () => rates.increment(key, 60_000)
    await count()
    proxy.sever()
    const underWay = expect(count()).rejects.toBeInstanceOf(Error)
    await proxy.stop()
    await underWay
    await eventually('the loss is noticed', () => errors.length > 0)
    await expect(count()).rejects.toBeInstanceOf(Error)
    await proxy.listen()
    await eventually('it answers again', () => state.ping().then(() => true))
    expect(await count()).toMatchObject({ count: 2 })
  })
})

describe('a line that falls silent without a word', () => {
  let proxy: TcpProxy
  let state: SharedState
  beforeEach(async () => {
    proxy = await startTcpProxy(inject('redisUrl'))
    state = createDragonflySharedState({
      url: proxy.through(inject('redisUrl')),
      onError: () => undefined,
    })
  })
  afterEach(async () => {
    await state.close()
    await proxy.stop()
  })

  test('RELAY-9: is closed by subscribers, which reconnect and report it', async () => {
    const heard: string[] = []
    let interruptions = 0
    state.relay.onInterrupted(() => interruptions++)
    state.events.subscribe((message) => heard.push(message))
    await eventually('the line is up', () => interruptions === 1)
    const other = createDragonflySharedState({ url: inject('redisUrl'), onError: () => undefined })
    await eventually('the other is there', () => other.ping().then(() => true))

    proxy.sever()
    await other.events.publish('lost')
    await eventually('the loss is told', () => interruptions === 2, SILENCE_NOTICED_MS)
    await other.events.publish('after')
    await eventually('it hears again', () => heard.includes('after'))
    expect(heard).not.toContain('lost')
    await other.close()
  })

  test('is given up by those who ask, too', async () => {
    await eventually('the server answers', () => state.ping().then(() => true))
    proxy.sever()
    await eventually('it answers over another', () => state.ping().then(() => true))
  })
})

test('a server that was never there refuses every call, and is reported as an error', async () => {
  const proxy = await startTcpProxy(inject('redisUrl'))
  await proxy.stop()
  const errors: Error[] = []
  const state = createDragonflySharedState({
    url: proxy.through(inject('redisUrl')),
    onError: (error) => errors.push(error),
  })
  expect(await outcomesAtOnce(state)).toEqual(ALL_REJECTED)
  const error = await eventually('the error is told', () => errors[0])
  expect(error).toMatchObject({ code: 'ECONNREFUSED' })

  await proxy.listen()
  await eventually('it answers once it is there', () => state.ping().then(() => true))
  await state.close()
  await expect(state.ping()).rejects.toBeInstanceOf(Error)
  await proxy.stop()
})

test('memory always answers', async () => {
  const state = createMemorySharedState()
  expect((await outcomes(state)).statuses).toEqual(ALL_FULFILLED)
  await state.close()
})
