import type { Board, Broadcast } from '@mindfuse/client'
import { BROADCAST_BURST, MAX_BROADCAST_BYTES, MAX_VALUE_DEPTH } from '@mindfuse/protocol'
import { callApi, eventually, type SignedIn } from '@mindfuse/testing'
import { expect } from 'vitest'
import { addressOf, testWith } from '../support/sdk-fixtures.ts'

const test = testWith({ gateways: 2 })
  .extend('openAt', ({ open, stack }) => (person: SignedIn, gateway: number) => {
    return open(person, {}, { ...stack, realtimeUrl: stack.realtimeUrls[gateway] as string })
  })
  .extend('hers', ({ openAt, ada }) => openAt(ada, 0))
  .extend('his', ({ openAt, alan }) => openAt(alan, 1))
  .extend(
    'letViewers',
    ({ stack, boardId, ada }) =>
      async (viewersCanBroadcast: boolean): Promise<void> => {
        const path = `${stack.apiUrl}/api/boards/${boardId}`
        const body = { viewersCanBroadcast }
        const { status } = await callApi(path, { token: ada.accessToken, method: 'PATCH', body })
        expect(status).toBe(200)
      },
  )

/** What is heard of `event` from now on. */
function listen(board: Board, event: 'broadcast' | `broadcast:${string}`) {
  const heard: Broadcast[] = []
  const stop = board.on(event, (broadcast) => heard.push(broadcast))
  return { heard, stop }
}

const idOf = ({ status }: Board) => (status.kind === 'online' ? status.connectionId : undefined)

test('a broadcast arrives under its name, with its sender, and at no listener of another name', async ({
  his,
  hers,
  ada,
}) => {
  const [laser, all, own] = [
    listen(his, 'broadcast:laser'),
    listen(his, 'broadcast'),
    listen(hers, 'broadcast'),
  ]
  expect(hers.broadcast('laser', { x: 1, y: 2 })).toBe(true)
  expect(hers.broadcast('reaction', '🎉')).toBe(true)
  expect(hers.broadcast('nothing')).toBe(true)
  await eventually('all three are heard', () => all.heard.length === 3)
  const { id, name } = ada.user
  expect(laser.heard).toEqual([
    { event: 'laser', payload: { x: 1, y: 2 }, user: { id, name }, connectionId: idOf(hers) },
  ])
  expect(all.heard.map(({ event, payload }) => [event, payload])).toEqual([
    ['laser', { x: 1, y: 2 }],
    ['reaction', '🎉'],
    ['nothing', null],
  ])
  laser.stop()
  await hers.broadcast('laser', 'again', { self: true, ack: true })
  await eventually('both hear it', () => all.heard.length === 4 && own.heard.length === 1)
  expect(laser.heard).toHaveLength(1)
})

test('a broadcast over HTTP arrives at everybody, and is of no connection', async ({
  hers,
  his,
  connect,
  ada,
  boardId,
}) => {
  const heard = [listen(hers, 'broadcast:notice'), listen(his, 'broadcast:notice')]
  await connect(ada).api.boards.broadcast(boardId, 'notice', { text: 'done' })
  for (const each of heard) {
    await eventually('it is heard', () => each.heard.length === 1)
    expect(each.heard[0]).toMatchObject({ payload: { text: 'done' }, connectionId: null })
  }
})

test('while offline nothing is sent, and a pending acknowledgement rejects', async ({
  connect,
  ada,
  stack,
  boardId,
}) => {
  const offline = connect(ada, {}, { ...stack, realtimeUrl: 'ws://127.0.0.1:1/ws' })
  const board = offline.board(boardId)
  expect(board.canBroadcast).toBe(false)
  expect(board.broadcast('laser', 1)).toBe(false)
  await expect(board.broadcast('laser', 1, { ack: true })).rejects.toMatchObject({
    code: 'network_error',
  })
})

test('a pending acknowledgement rejects when the connection ends, and the next one counts from 1', async ({
  startProxy,
  open,
  ada,
  stack,
  his,
}) => {
  const proxy = await startProxy()
  const board = await open(ada, {}, addressOf(stack, proxy))
  const all = listen(his, 'broadcast')
  await board.broadcast('laser', 1, { ack: true })
  proxy.stall()
  const unanswered = board.broadcast('laser', 2, { ack: true })
  proxy.cut()
  await expect(unanswered).rejects.toMatchObject({ code: 'network_error' })
  proxy.pass()
  board.connect()
  await eventually('she is back', () => board.status.kind === 'online')
  await board.broadcast('laser', 3, { ack: true })
  await eventually('he hears it', () => all.heard.some(({ payload }) => payload === 3))
  expect(all.heard.map(({ payload }) => payload)).toEqual([1, 3])
})

test('a viewer without permission is refused, is notified of a change, and can broadcast again after it', async ({
  stack,
  boardId,
  alan,
  ada,
  his,
  letViewers,
  hers,
}) => {
  const path = `${stack.apiUrl}/api/boards/${boardId}/members/${alan.user.id}`
  await callApi(path, { token: ada.accessToken, method: 'PUT', body: { role: 'viewer' } })
  await eventually('he is told', () => his.role === 'viewer')
  expect(his.canBroadcast).toBe(true)
  const statuses: boolean[] = []
  his.on('status', (status) => {
    if (status.kind === 'online') statuses.push(status.canBroadcast)
  })
  await letViewers(false)
  await eventually('he is told', () => !his.canBroadcast)
  expect(statuses).toEqual([false])

  const errors: string[] = []
  his.on('error', ({ code }) => errors.push(code))
  const all = listen(hers, 'broadcast')
  await expect(his.broadcast('laser', 1, { ack: true })).rejects.toMatchObject({
    code: 'forbidden',
  })
  expect(his.broadcast('laser', 2)).toBe(true)
  await eventually('the refusal is told', () => errors.length > 0)
  expect(errors).toEqual(['forbidden'])

  await letViewers(true)
  await eventually('he is told', () => his.canBroadcast)
  await his.broadcast('laser', 3, { ack: true })
  await eventually('she hears it', () => all.heard.length > 0)
  expect(all.heard.map(({ payload }) => payload)).toEqual([3])
})

test('what is too much is refused with words, here or there, and the board stays online', async ({
  hers,
}) => {
  const { status } = hers
  const large = 'x'.repeat(MAX_BROADCAST_BYTES)
  const tooLarge = expect.objectContaining({ code: 'too_large' })
  expect(() => hers.broadcast('text', large)).toThrow(tooLarge)
  await expect(hers.broadcast('text', large, { ack: true })).rejects.toEqual(tooLarge)
  const deep = JSON.parse('['.repeat(MAX_VALUE_DEPTH + 1) + ']'.repeat(MAX_VALUE_DEPTH + 1))
  await expect(hers.broadcast('deep', deep, { ack: true })).rejects.toEqual(tooLarge)
  for (const event of ['', 'x'.repeat(65)]) {
    expect(() => hers.broadcast(event, 1)).toThrow(RangeError)
  }
  const answers = await Promise.allSettled(
    Array.from({ length: 2 * BROADCAST_BURST }, (_, i) => hers.broadcast('n', i, { ack: true })),
  )
  const refused = answers.filter((answer) => answer.status === 'rejected')
  expect(refused.length).toBeGreaterThan(0)
  expect(refused.length).toBeLessThanOrEqual(BROADCAST_BURST)
  for (const { reason } of refused) expect(reason.code).toBe('rate_limited')
  expect(hers.status).toBe(status)
})
