import { Agent, get, type IncomingMessage } from 'node:http'
import { encodeUpdate } from '@mindfuse/protocol'
import { callApi, connectRaw, createBoard, eventually } from '@mindfuse/testing'
import { Redis } from 'ioredis'
import { describe, expect, inject } from 'vitest'
import { Doc, encodeStateAsUpdate } from 'yjs'
import { encodeRelayMessage, RELAY_KINDS } from '../../apps/realtime/src/relay/envelope.ts'
import { testWith } from '../support/fixtures.ts'
import { WEB_ORIGIN } from '../support/stack.ts'

const test = testWith({ gateways: 0 })
  .extend('gateway', ({ startGateway }) => startGateway({ logLevel: 'trace' }))
  .extend('realtimeUrls', ({ gateway }) => [gateway.realtimeUrl])

function drawing(): Uint8Array {
  const doc = new Doc()
  doc.getMap('shapes').set('a', 1)
  return encodeStateAsUpdate(doc)
}

test('every answer says which request it is to and which release it is of, as those of the API do', async ({
  gateway,
  boardId,
}) => {
  for (const path of ['/health', '/live', '/ready', '/metrics', '/nowhere', `/ws/${boardId}`]) {
    const url = `${gateway.httpUrl}${path}`
    const named = await fetch(url, { headers: { 'x-request-id': 'named-by-a-proxy' } })
    expect(named.headers.get('x-request-id')).toBe('named-by-a-proxy')
    expect(named.headers.get('mindfuse-release')).toBe('development')
    const unnamed = await fetch(url, { headers: { 'x-request-id': 'not an id' } })
    expect(unnamed.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    if (unnamed.status >= 400 && path !== '/ready') {
      const { requestId } = (await unnamed.json()) as { requestId: string }
      expect(requestId).toBe(unnamed.headers.get('x-request-id'))
    }
  }
  const asked = { method: 'OPTIONS', headers: { origin: WEB_ORIGIN } }
  const preflight = await fetch(`${gateway.httpUrl}/ws/${boardId}`, asked)
  expect(preflight.headers.get('mindfuse-release')).toBe('development')
  const refused = await new Promise<IncomingMessage>((resolve) => {
    const headers = {
      ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
      ...{ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'x-request-id': 'an-upgrade' },
    }
    get(`${gateway.httpUrl}/ws/${boardId}`, { headers, agent: false }, resolve)
  })
  refused.resume()
  expect(refused.statusCode).toBe(401)
  expect(refused.headers).toMatchObject({
    'x-request-id': 'an-upgrade',
    'mindfuse-release': 'development',
  })
})

describe('metrics', () => {
  test('have their unit in their name', async ({ gateway }) => {
    const { headers } = await fetch(`${gateway.httpUrl}/metrics`)
    expect(headers.get('content-type')).toMatch(/^text\/plain/)
    const text = await (await fetch(`${gateway.httpUrl}/metrics`)).text()
    const names = [...text.matchAll(/^# TYPE (realtime_\w+) (\w+)$/gm)]
    const expected = {
      realtime_connections: 'gauge',
      realtime_rooms: 'gauge',
      realtime_unsaved_bytes: 'gauge',
      realtime_admissions_total: 'counter',
      realtime_frames_received_total: 'counter',
      realtime_received_bytes_total: 'counter',
      realtime_frames_sent_total: 'counter',
      realtime_sent_bytes_total: 'counter',
      realtime_presence_shed_total: 'counter',
      realtime_awareness_limited_total: 'counter',
      realtime_closes_total: 'counter',
      realtime_presence_reaped_total: 'counter',
      realtime_relay_gaps_total: 'counter',
      realtime_repairs_total: 'counter',
      realtime_lost_positions_total: 'counter',
      realtime_unheard_seconds: 'gauge',
      realtime_held: 'gauge',
      realtime_unrestored_positions_total: 'counter',
      realtime_restorations_total: 'counter',
      realtime_restored_bytes_total: 'counter',
      realtime_permission_lookups_total: 'counter',
      realtime_frame_handling_seconds: 'histogram',
    }
    expect(Object.fromEntries(names.map(([, name, kind]) => [name, kind]))).toMatchObject(expected)
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m)
    expect(text).toMatch(/^process_resident_memory_bytes \d/m)
  })

  test('count what happened', async ({ gateway, whiteboard, boardId }) => {
    const { metric } = gateway
    const [editor, reader] = [await whiteboard(), await whiteboard()]
    const edit = encodeUpdate(drawing())
    const received = reader.frames.length
    editor.socket.send(edit)
    editor.say({ type: 'presence:update', cursor: { x: 1, y: 2 }, selection: [] })
    await eventually('it is read', () => reader.frames.length > received)
    await editor.heard('sync:ack', ({ saved }) => saved === 1)
    await expect(connectRaw(`${gateway.realtimeUrl}/${boardId}?token=bad`)).rejects.toMatchObject({
      status: 401,
    })

    expect(await metric('realtime_connections')).toBe(2)
    expect(await metric('realtime_rooms')).toBe(1)
    expect(await metric('realtime_unsaved_bytes')).toBe(0)
    expect(await metric('realtime_admissions_total{outcome="admitted"}')).toBe(2)
    expect(await metric('realtime_admissions_total{outcome="token_invalid"}')).toBe(1)
    expect(await metric('realtime_held')).toBe(0)
    expect(await metric('realtime_unheard_seconds')).toBeLessThan(30)
    expect(await metric('realtime_frames_received_total{kind="binary"}')).toBe(1)
    expect(await metric('realtime_received_bytes_total{kind="binary"}')).toBe(edit.length)
    expect(await metric('realtime_frames_received_total{kind="text"}')).toBe(1)
    // A step 1 each, and the edit.
    expect(await metric('realtime_frames_sent_total{kind="sync"}')).toBe(3)
    const syncBytes = [...editor.frames, ...reader.frames].reduce((sum, it) => sum + it.length, 0)
    expect(await metric('realtime_sent_bytes_total{kind="sync"}')).toBe(syncBytes)
    const texts = (kinds: RegExp) =>
      [...editor.messages, ...reader.messages].filter(({ type }) => kinds.test(type)).length
    // What is counted leaves at once; when it is counted, it may be on its way yet.
    await eventually('presence is counted as it is heard', async () => {
      const counted = await metric('realtime_frames_sent_total{kind="presence"}')
      return counted > 0 && counted === texts(/^presence:/)
    })
    expect(await metric('realtime_frames_sent_total{kind="message"}')).toBe(texts(/^(?!presence:)/))
    expect(await metric('realtime_frame_handling_seconds_count{kind="binary"}')).toBe(1)
    expect(await metric('realtime_frame_handling_seconds_sum{kind="binary"}')).toBeLessThan(1)

    reader.socket.close(4000)
    await eventually(
      'the close is counted',
      async () => (await metric('realtime_closes_total{code="4000"}')) === 1,
    )
    expect((await callApi(`${gateway.httpUrl}/health`)).body).toEqual({
      status: 'ok',
      connections: 1,
      rooms: 1,
    })
  })

  test('RELAY-2: count holes in what other gateways say, and what was fetched for them', async ({
    whiteboard,
    boardId,
    gateway,
  }) => {
    await whiteboard()
    const redis = new Redis(inject('redisUrl'))
    const gatewayId = crypto.randomUUID()
    for (const sequence of [1, 2, 4, 9]) {
      const payload = new Uint8Array()
      const message = encodeRelayMessage({ gatewayId, sequence, kind: RELAY_KINDS.QUERY, payload })
      await redis.publish(`board:${boardId}`, Buffer.from(message))
    }
    await redis.quit()
    await eventually(
      'two holes are counted',
      async () => (await gateway.metric('realtime_relay_gaps_total')) === 2,
    )
    expect(await gateway.metric('realtime_repairs_total')).toBeGreaterThanOrEqual(1)
  })
})

test('STOP-1 STOP-6 STOP-7: a gateway that stops is not ready, and goes once its last edit is stored', async ({
  gateway,
  whiteboard,
  stack,
  storedUpdates,
}) => {
  // New connections are turned away by then: only one that is open can still ask.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ready = () =>
    new Promise<number | undefined>((resolve, reject) => {
      get(`${gateway.httpUrl}/ready`, { agent }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode))
      }).once('error', reject)
    })
  expect(await ready()).toBe(200)
  const editor = await whiteboard()
  await stack.stopApi()
  editor.socket.send(encodeUpdate(drawing()))
  await editor.heard('sync:ack', ({ received }) => received === 1)
  gateway.child.kill('SIGTERM')
  const { retryAfterMs } = await editor.heard('going-away')
  expect(retryAfterMs).toBeLessThan(60_000)
  expect(await editor.closeCode()).toBe(1012)
  expect(await ready()).toBe(503)
  await stack.startApi()
  expect(await gateway.exitCode()).toBe(0)
  agent.destroy()
  expect(await storedUpdates()).toBe(1)
})

test('ADM-14 BAD-8: logs are JSON lines that say who and where, and never hold a token or a cookie', async ({
  ada,
  whiteboard,
  syncedStock,
  gateway,
  boardId,
  stack,
  clients,
}) => {
  const { accessToken } = ada
  const tampered = `${accessToken.slice(0, -6)}AAAAAA`
  const bySubprotocol = await whiteboard()
  await syncedStock()

  const refused = async (url: string, options?: Parameters<typeof connectRaw>[1]) =>
    expect(connectRaw(url, options)).rejects.toHaveProperty('status')
  const { realtimeUrl } = gateway
  await refused(`${realtimeUrl}/${boardId}?token=${tampered}`)
  await refused(`${realtimeUrl}/${crypto.randomUUID()}?token=${accessToken}`)
  await refused(`${realtimeUrl}/${accessToken}?token=${accessToken}`)
  await refused(`${realtimeUrl}?boardId=${accessToken}&token=${accessToken}`)
  await refused(`${realtimeUrl}/${boardId}?token=${accessToken}`, {
    origin: 'https://evil.example',
  })
  await refused(`${realtimeUrl}/${boardId}`, {
    protocols: ['whiteboard.v1', `bearer.${tampered}`],
    headers: { 'x-request-id': 'named-by-a-proxy' },
  })
  const page = { cookie: ada.browser.cookieHeader, origin: WEB_ORIGIN }
  await refused(`${realtimeUrl}/${boardId}`, { headers: { cookie: page.cookie } })
  await refused(`${realtimeUrl}/${crypto.randomUUID()}`, { headers: page })
  const plain = `${gateway.httpUrl}/ws/${boardId}?token=`
  for (const token of [accessToken, tampered]) await callApi(`${plain}${token}`)
  await callApi(`${gateway.httpUrl}/${accessToken}`)

  bySubprotocol.say({ type: 'auth:refresh', token: accessToken })
  bySubprotocol.say({ type: 'auth:refresh', token: tampered })
  await bySubprotocol.heard('error')
  for (const text of [
    accessToken,
    `{"type":"auth:refresh","token":"${accessToken}"`,
    JSON.stringify({ type: 'auth:refresh', token: accessToken, more: true }),
    JSON.stringify({ type: accessToken }),
  ]) {
    const vandal = await whiteboard()
    vandal.socket.send(text)
    expect(await vandal.closeCode()).toBe(4400)
  }
  const vandal = await connectRaw(`${realtimeUrl}/${boardId}?token=${accessToken}`)
  vandal.socket.send(Buffer.from(accessToken))
  expect(await vandal.closeCode()).toBe(4400)
  // Nobody can say whether the token holds.
  const other = await createBoard(stack.apiUrl, accessToken)
  await stack.stopApi()
  await refused(`${realtimeUrl}/${other}?token=${accessToken}`)
  await refused(`${realtimeUrl}/${other}`, { headers: page })
  await stack.startApi()
  clients.endAll()
  await gateway.untilPrinted(/"disconnected"/)
  expect(await gateway.stop()).toBe(0)

  const lines = gateway
    .output()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const { connectionId } = await bySubprotocol.heard('hello')
  const own = lines.filter((line) => line.connectionId === connectionId)
  expect(own.map(({ msg }) => msg)).toEqual(['connected', 'disconnected'])
  for (const line of own) {
    const ip = expect.stringMatching(/^(127\.0\.0\.1|0:0:0:0:0:0:0:1)$/)
    expect(line).toMatchObject({ service: 'realtime', boardId, userId: ada.user.id, ip })
  }
  const refusals = lines.filter(({ msg }) => msg === 'admission refused')
  expect(refusals.every(({ ip }) => ip === own[0].ip)).toBe(true)
  expect(refusals.map(({ requestId }) => requestId)).toContain('named-by-a-proxy')
  expect(lines.filter(({ msg }) => msg === 'malformed frame')).toHaveLength(5)
  for (const line of lines.filter(({ msg }) => msg === 'malformed frame')) {
    expect(line).toMatchObject({ boardId, userId: ada.user.id, code: 'malformed_frame' })
  }
  // All three parts of it, and any beginning of one: base64url of `{"` is `eyJ`.
  const session = ada.browser.cookies.get('mindfuse_session')!
  for (const part of [...accessToken.split('.'), tampered, 'eyJ', session]) {
    expect(gateway.output()).not.toContain(part)
  }
})
