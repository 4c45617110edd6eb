import { eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import { test as base } from '../support/sdk-fixtures.ts'
import { WEB_ORIGIN } from '../support/stack.ts'

const test = base.extend(
  'httpUrl',
  ({ stack, boardId }) =>
    () =>
      `${stack.realtimeUrl.replace('ws:', 'http:')}/${boardId}`,
)

test('ADM-15 a page may ask why with its token in Authorization', async ({ httpUrl, ada }) => {
  const preflight = await fetch(httpUrl(), {
    method: 'OPTIONS',
    headers: {
      origin: WEB_ORIGIN,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    },
  })
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-origin')).toBe(WEB_ORIGIN)
  expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization')

  const headers = { origin: WEB_ORIGIN, authorization: `Bearer ${ada.accessToken}` }
  expect((await fetch(httpUrl(), { headers })).status).toBe(426)
  headers.authorization = 'Bearer nonsense'
  expect((await fetch(httpUrl(), { headers })).status).toBe(401)
})

test('ADM-15 pages of other origins are not allowed to', async ({ httpUrl }) => {
  const headers = { origin: 'https://evil.example', 'access-control-request-method': 'GET' }
  const preflight = await fetch(httpUrl(), { method: 'OPTIONS', headers })
  expect(preflight.headers.get('access-control-allow-origin')).toBeNull()
})

test('LINE-1 a ping is answered with a pong, to its sender alone', async ({ whiteboard }) => {
  const [asking, other] = await Promise.all([whiteboard(), whiteboard()])
  asking.say({ type: 'ping' })
  await asking.heard('pong')
  // What comes after it is heard by both, so that the other would have heard a pong by then.
  asking.say({ type: 'presence:viewport', x: 1, y: 2, zoom: 3 })
  const seen = () =>
    other.messages.some(
      (message) =>
        message.type === 'presence:sync' &&
        message.presences.some(({ viewport }) => viewport?.zoom === 3),
    )
  await eventually('the other sees what came after', seen)
  expect(other.messages.some(({ type }) => type === 'pong')).toBe(false)
})
