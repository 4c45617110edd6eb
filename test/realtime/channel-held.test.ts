import { CLOSE_CODES } from '@mindfuse/protocol'
import { eventually, startTcpProxy } from '@mindfuse/testing'
import { expect, inject } from 'vitest'
import { testWithChannels } from '../support/channels.ts'

const test = testWithChannels({ gateways: 0 })
  .extend('proxies', async ({ stack, atEnd }) => {
    const [redis, api] = [
      await startTcpProxy(inject('redisUrl')),
      await startTcpProxy(stack.apiUrl),
    ]
    atEnd(() => Promise.all([redis.stop(), api.stop()]))
    return { redis, api }
  })
  /** It goes on for 5 seconds without the API and without Redis. */
  .extend('gateway', ({ stack, startGateway, proxies: { redis, api } }) =>
    startGateway({
      redisUrl: redis.through(inject('redisUrl')),
      apiUrl: api.through(stack.apiUrl).replace(/\/$/, ''),
      vouchSeconds: 5,
    }),
  )
  .extend('realtimeUrls', ({ gateway }) => [gateway.realtimeUrl])

test('AUTH-7 CHAN-5: channels are held while nobody confirms who may do what, then ended or confirmed', async ({
  proxies,
  connect,
  as,
  ada,
  alan,
  topic,
  workspaceId,
  boardId,
}) => {
  const board = `board:${boardId}`
  const staying = await connect(ada, { join: [topic] })
  const leaving = await connect(alan, { join: [topic, board] })
  await leaving.ask({ type: 'channel:presence', topic, state: 'here' })
  await eventually('he is present', () => staying.presenceOf(topic).size === 1)

  await Promise.all([proxies.redis.stop(), proxies.api.stop()])
  const member = `/api/workspaces/${workspaceId}/members/${alan.user.id}`
  expect((await as(ada, member, { method: 'DELETE' })).status).toBe(202)
  const isOf = (state: string, of: string) => (message: { state: string; topic?: string }) =>
    message.state === state && message.topic === of
  await staying.heard('access', isOf('unconfirmed', topic))
  for (const it of [topic, board]) await leaving.heard('access', isOf('unconfirmed', it))

  // Nothing is taken in, and nothing delivered: what is asked is answered once it is confirmed.
  const received = leaving.messages.length
  staying.say({ type: 'channel:presence', topic, ref: 1_001, state: 'secret' })
  staying.say({ type: 'channel:broadcast', topic, ref: 1_002, event: 'secret', payload: 1 })
  staying.say({ type: 'channel:join', topic: board, ref: 1_003 })
  staying.say({ type: 'ping' })
  await staying.heard('pong')
  expect(leaving.messages.length).toBe(received)

  await Promise.all([proxies.redis.listen(), proxies.api.listen()])
  const closed = await leaving.heard('channel:closed')
  expect(closed).toMatchObject({ topic, code: CLOSE_CODES.ACCESS_REMOVED })
  await leaving.heard('access', isOf('confirmed', board))
  await staying.heard('access', isOf('confirmed', topic))
  const answerTo = (ref: number) => (message: { ref?: number }) => message.ref === ref
  for (const [ref, code] of [
    [1_001, 'unconfirmed'],
    [1_002, 'relay_unavailable'],
  ] as const) {
    expect(await staying.heard('channel:reply', answerTo(ref))).toMatchObject({ code })
  }
  await eventually('he is gone', () => staying.presenceOf(topic).size === 0)
  expect(await staying.ask({ type: 'channel:presence', topic, state: 'back' })).toMatchObject({
    status: 'ok',
  })
  await eventually('she is present', () => staying.presenceOf(topic).size === 1)
  expect(JSON.stringify(leaving.messages)).not.toContain('secret')
  expect(JSON.stringify(leaving.messages)).not.toContain('back')
  expect([staying.closed, leaving.closed]).toEqual([undefined, undefined])
})
