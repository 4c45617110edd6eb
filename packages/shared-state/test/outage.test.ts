import { connect, createServer, type Server, type Socket } from 'node:net'
import { eventually } from '@mindfuse/testing'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { createDragonflySharedState } from '../src/dragonfly/shared-state.ts'
import { createMemorySharedState } from '../src/memory/shared-state.ts'
import type { SharedState } from '../src/shared-state.ts'

const HOST = '127.0.0.1'

/** Twice the time a command may take: what comes later is a call that hangs. */
const SOON_MS = 2_000

/** Less than the time a command may take: what comes sooner did not wait for that to pass. */
const BEFORE_TIMEOUT_MS = 900

/** A line to the real server that can be cut and can fall silent. */
class Line {
  readonly #target = new URL(inject('redisUrl'))
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #port = 0

  get url(): string {
    return Object.assign(new URL(this.#target), { host: `${HOST}:${this.#port}` }).href
  }

  /** Listens, at the second time on the port of the first. */
  async open(): Promise<void> {
    const server = createServer((client) => {
      const upstream = connect(Number(this.#target.port || 6379), this.#target.hostname)
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket)
        socket.on('error', () => socket.destroy())
        socket.on('close', () => {
          this.#sockets.delete(socket)
          client.destroy()
          upstream.destroy()
        })
      }
      client.pipe(upstream).pipe(client)
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, HOST, resolve)
    })
    this.#server = server
    this.#port = (server.address() as { port: number }).port
  }

  /** The server is away: connections end, new ones are refused. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
    this.#server = undefined
  }

  /** The server hangs: connections stay, nothing comes back. */
  mute(): void {
    for (const socket of this.#sockets) {
      socket.unpipe()
      socket.pause()
    }
  }

  async close(): Promise<void> {
    if (this.#server) await this.cut()
  }
}

/** Every call on `state`, by name. */
const CALLS: Record<string, (state: SharedState) => Promise<unknown>> = {
  'permissions.get': (state) => state.permissions.get('board', 'user'),
  'permissions.set': (state) =>
    state.permissions.set('board', 'user', { role: 'editor', version: 1 }),
  'permissions.raiseVersion': (state) => state.permissions.raiseVersion('board', 1),
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
  let line: Line
  let state: SharedState
  let errors: Error[]
  beforeEach(async () => {
    line = new Line()
    await line.open()
    errors = []
    state = createDragonflySharedState({ url: line.url, onError: (error) => errors.push(error) })
    await eventually('the server answers', () => state.ping().then(() => true))
  })
  afterEach(async () => {
    await state.close()
    await line.close()
  })

  test('every call rejects at once, and works again when it is back', async () => {
    expect((await outcomes(state)).statuses).toEqual(ALL_FULFILLED)

    await line.cut()
    await eventually('the loss is noticed', () => errors.length > 0)
    expect(await outcomesAtOnce(state)).toEqual(ALL_REJECTED)

    await line.open()
    await eventually('it answers again', () => state.ping().then(() => true))
    expect((await outcomes(state)).statuses).toEqual(ALL_FULFILLED)
  })

  test('a call that was under way when the line broke rejects', async () => {
    line.mute()
    const pending = outcomes(state)
    await line.cut()
    const { statuses, ms } = await pending
    expect(statuses).toEqual(ALL_REJECTED)
    expect(ms).toBeLessThan(BEFORE_TIMEOUT_MS)
  })

  test('a server that takes calls and answers none does not hold them up', async () => {
    line.mute()
    const { statuses, ms } = await outcomes(state)
    expect(statuses).toEqual(ALL_REJECTED)
    expect(ms).toBeLessThan(SOON_MS)
  })

  test('the last word stands: nothing that was refused is sent later', async () => {
    const { permissions } = state
    const boardId = crypto.randomUUID()
    await permissions.set(boardId, 'user', { role: 'viewer', version: 2 })
    const grantOwner = () =>
      expect(
        permissions.set(boardId, 'user', { role: 'owner', version: 2 }),
      ).rejects.toBeInstanceOf(Error)
    line.mute()
    const underWay = grantOwner()
    await line.cut()
    await underWay
    await eventually('the loss is noticed', () => errors.length > 0)
    await grantOwner()
    await line.open()
    await eventually('it answers again', () => state.ping().then(() => true))
    expect(await permissions.get(boardId, 'user')).toEqual({ role: 'viewer', version: 2 })
  })
})

test('a server that was never there refuses every call, and is told of as an error', async () => {
  const line = new Line()
  await line.open()
  await line.close()
  const errors: Error[] = []
  const state = createDragonflySharedState({
    url: line.url,
    onError: (error) => errors.push(error),
  })
  expect(await outcomesAtOnce(state)).toEqual(ALL_REJECTED)
  const error = await eventually('the error is told', () => errors[0])
  expect(error).toMatchObject({ code: 'ECONNREFUSED' })

  await line.open()
  await eventually('it answers once it is there', () => state.ping().then(() => true))
  await state.close()
  await expect(state.ping()).rejects.toBeInstanceOf(Error)
  await line.close()
})

test('memory always answers', async () => {
  const state = createMemorySharedState()
  expect((await outcomes(state)).statuses).toEqual(ALL_FULFILLED)
  await state.close()
})
