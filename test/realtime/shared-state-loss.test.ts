import { CLOSE_CODES } from '@mindfuse/protocol'
import { callApi, connectWhiteboard, createBoard, eventually, signIn } from '@mindfuse/testing'
import { Redis } from 'ioredis'
import { expect } from 'vitest'
import { test } from '../support/fixtures.ts'

/** Far from the next check of all connections, which is every 30 seconds. */
const SOON_MS = 10_000

test('AUTH-6 RELAY-9: what a silent line to Dragonfly kept from a gateway is made up for at once', async ({
  annotate,
  startGateway,
  person,
  whiteboard,
  stack,
  redisProxy,
}) => {
  const gateway = await startGateway({ redisUrl: redisProxy.url })
  const [leaving, staying] = [await person('ada'), await person('ada')]
  const leaver = await whiteboard(gateway.realtimeUrl, leaving)
  const stayer = await whiteboard(gateway.realtimeUrl, staying)

  redisProxy.proxy.sever()
  await callApi(`${stack.apiUrl}/api/auth/logout`, { token: leaving.accessToken, method: 'POST' })
  const endedAt = performance.now()
  await eventually('it is closed', () => leaver.closed, SOON_MS)
  await annotate(`closed ${Math.round(performance.now() - endedAt)} ms after the sign-out`)
  expect(leaver.closed?.code).toBe(CLOSE_CODES.SESSION_ENDED)
  expect(stayer.closed).toBeUndefined()
})

test('ADM-10: a session that ended is refused, also when Dragonfly has lost everything since', async ({
  redis,
  startStack,
  atEnd,
}) => {
  const store = new Redis(redis.url)
  atEnd(() => store.disconnect())
  const stack = await startStack({ redisUrl: redis.url })
  const [ada, elsewhere] = [
    await signIn(stack.apiUrl, 'ada@example.com'),
    await signIn(stack.apiUrl, 'ada@example.com'),
  ]
  const boardId = await createBoard(stack.apiUrl, ada.accessToken)
  const join = async (token: string) => {
    const client = await connectWhiteboard({ realtimeUrl: stack.realtimeUrl, boardId, token })
    client.destroy()
  }
  await callApi(`${stack.apiUrl}/api/auth/logout`, { token: ada.accessToken, method: 'POST' })
  await expect(join(ada.accessToken)).rejects.toEqual({ status: 401, code: 'session_ended' })

  await store.flushall()
  await expect(join(ada.accessToken)).rejects.toEqual({ status: 401, code: 'session_ended' })
  await join(elsewhere.accessToken)
})
