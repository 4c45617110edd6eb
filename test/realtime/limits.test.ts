import { randomBytes } from 'node:crypto'
import { type IncomingMessage, request } from 'node:http'
import {
  AWARENESS_BURST,
  CLOSE_CODES,
  decodeFrame,
  EDIT_BURST,
  encodeSyncStep1,
  encodeSyncStep2,
  encodeUpdate,
  JOIN_BURST,
  MAX_AWARENESS_BYTES,
  MAX_BOARD_BYTES,
  MAX_CONNECTIONS_PER_USER,
  MAX_LARGE_CONNECTIONS_PER_USER,
  MAX_PRESENCE_BYTES,
  MAX_SMALL_UPDATE_BYTES,
  MAX_UPDATE_BYTES,
  SUBPROTOCOL,
} from '@mindfuse/protocol'
import {
  connectRaw,
  createBoard,
  eventually,
  type RawClient,
  type WhiteboardClient,
} from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { Doc, encodeStateAsUpdate, encodeStateVector } from 'yjs'
import { testWith } from '../support/fixtures.ts'
import { WEB_ORIGIN } from '../support/stack.ts'

/** `queryAwareness` of PROTOCOL.md. */
const QUERY_AWARENESS = Uint8Array.of(3)

const test = testWith({ gateways: 2 })
  /** Alan is a stranger to it. */
  .extend('newBoard', { scope: 'file' }, ({ stack, ada }) => () => {
    return createBoard(stack.apiUrl, ada.accessToken)
  })
  /** Nothing was stored but one edit that came after. */
  .extend('expectNothingStored', ({ whiteboard, storedUpdates }) => async (): Promise<void> => {
    const fence = await whiteboard(1)
    fence.socket.send(encodeUpdate(edit()))
    await fence.heard('sync:ack', ({ saved }) => saved === 1)
    expect(await storedUpdates()).toBe(1)
  })
  .extend(
    'httpUrl',
    ({ boardId, stack }) =>
      (board = boardId) =>
        `${stack.realtimeUrl.replace('ws:', 'http:')}/${board}`,
  )

/** An edit of a client of its own, of about so many bytes. */
function edit(bytes = 10): Uint8Array {
  const doc = new Doc()
  doc.getMap('shapes').set('text', 'x'.repeat(bytes))
  return encodeStateAsUpdate(doc)
}

test('LIM-1 PRES-1: hello announces the limits that hold', async ({ whiteboard }) => {
  const { limits, heartbeatSeconds } = await (await whiteboard()).heard('hello')
  expect(limits).toMatchObject({
    maxUpdateBytes: MAX_UPDATE_BYTES,
    maxAwarenessBytes: MAX_AWARENESS_BYTES,
    maxPresenceBytes: MAX_PRESENCE_BYTES,
    editBurst: EDIT_BURST,
    awarenessBurst: AWARENESS_BURST,
    joinBurst: JOIN_BURST,
    connectionsPerUser: MAX_CONNECTIONS_PER_USER,
    maxAssetBytes: 25 * 1024 ** 2,
    maxBoardAssetBytes: 1024 ** 3,
  })
  for (const limit of Object.values(limits)) expect(limit).toBeGreaterThan(0)
  expect(heartbeatSeconds).toBeGreaterThan(0)
})

describe('an edit over its size', () => {
  test('BAD-3 ACK-1 ACK-5: is rejected with words, and the connection goes on', async ({
    whiteboard,
    storedUpdates,
  }) => {
    const client = await whiteboard()
    client.socket.send(encodeUpdate(edit(MAX_UPDATE_BYTES)))
    expect(await client.heard('sync:rejected')).toEqual({
      type: 'sync:rejected',
      seq: 1,
      code: 'too_large',
    })
    client.socket.send(encodeUpdate(edit()))
    await client.heard('sync:ack', ({ saved }) => saved === 2)
    expect(await storedUpdates()).toBe(1)
  })

  test('BAD-3 ACK-6: is dropped, and a stock client is told and stays connected', async ({
    raw,
    expectNothingStored,
  }) => {
    const client = await raw()
    client.socket.send(encodeUpdate(edit(MAX_UPDATE_BYTES)))
    await eventually('it is told', () => client.denied().includes('too_large'))
    await expectNothingStored()
    expect(client.closed).toBeUndefined()
  })
})

describe.each([
  ['updates', encodeUpdate],
  ['sync step 2s', encodeSyncStep2],
])('more %s than the rate allows', (_, encode) => {
  const frames = Array.from({ length: 2 * EDIT_BURST }, () => encode(edit()))

  test('LIM-2 ACK-5: are rejected with words', async ({ whiteboard, storedUpdates }) => {
    const client = await whiteboard()
    for (const frame of frames) client.socket.send(frame)
    const { seq } = await client.heard('sync:rejected', ({ code }) => code === 'rate_limited')
    expect(seq).toBeGreaterThan(EDIT_BURST)
    await client.heard('sync:ack', ({ received, saved }) => {
      return received === frames.length && saved === frames.length
    })
    const rejected = client.messages.filter(({ type }) => type === 'sync:rejected')
    expect(await storedUpdates()).toBe(frames.length - rejected.length)
    expect(client.closed).toBeUndefined()
  })

  test('LIM-2 ACK-6: are dropped, and a stock client is told once and asked again later', async ({
    raw,
  }) => {
    const client = await raw()
    const asked = () =>
      client.frames.filter((bytes) => decodeFrame(bytes).kind === 'sync-step-1').length
    const before = asked()
    for (const frame of frames) client.socket.send(frame)
    await eventually('it is asked again', () => asked() > before)
    expect(client.denied()).toEqual(['rate_limited'])
    expect(client.closed).toBeUndefined()
  })
})

describe('presence', () => {
  test('LIM-4: over its rate is conflated: others end up with the newest of each kind', async ({
    whiteboard,
  }) => {
    const burst = 1_000
    const talker = await whiteboard(0)
    const { connectionId } = await talker.heard('hello')
    const listeners = await Promise.all([whiteboard(0), whiteboard(1)])
    const newest = (
      client: WhiteboardClient,
      fits: (x: number | undefined, zoom: number | undefined) => boolean,
    ) =>
      client.heard('presence:sync', ({ presences }) =>
        presences.some(
          (it) => it.connectionId === connectionId && fits(it.cursor?.x, it.viewport?.zoom),
        ),
      )
    for (let i = 1; i <= burst; i++) {
      talker.say({ type: 'presence:update', cursor: { x: i, y: 0 }, selection: [] })
      talker.say({ type: 'presence:viewport', x: 0, y: 0, zoom: i })
    }
    for (const listener of listeners) {
      await newest(listener, (x, zoom) => x === burst && zoom === burst)
      const syncs = listener.messages.filter(({ type }) => type === 'presence:sync')
      expect(syncs.length).toBeLessThan(burst / 4)
    }
    expect(talker.closed).toBeUndefined()
  })

  test('AUTH-10: over its rate does not keep a fresh token from being accepted', async ({
    whiteboard,
  }) => {
    const client = await whiteboard()
    for (let i = 1; i <= 500; i++) {
      if (i === 250) client.say({ type: 'auth:refresh', token: 'nonsense' })
      client.say({ type: 'presence:update', cursor: { x: i, y: 0 }, selection: [] })
    }
    expect((await client.heard('error')).code).toBe('token_invalid')
  })

  test('BAD-7: over 4 KiB and no broadcast closes with 4400, and what came in the same breath counts for nothing', async ({
    whiteboard,
    expectNothingStored,
  }) => {
    const client = await whiteboard()
    const frames = [JSON.stringify({ type: 'x'.repeat(MAX_PRESENCE_BYTES) }), encodeUpdate(edit())]
    for (const frame of frames) client.socket.send(frame)
    expect(await client.closeCode()).toBe(CLOSE_CODES.MALFORMED)
    await expectNothingStored()
  })

  test('BAD-7: a text frame that is no message closes with 4400', async ({ whiteboard }) => {
    const client = await whiteboard()
    client.socket.send('{"type":"presence:update","cursor":null,"selection":[],"userId":"someone"}')
    expect(await client.closeCode()).toBe(CLOSE_CODES.MALFORMED)
  })
})

test.for([
  ['sync step 1', [encodeSyncStep1(Uint8Array.of(0))]],
  ['query awareness', [QUERY_AWARENESS]],
  ['both by turns', [encodeSyncStep1(Uint8Array.of(0)), QUERY_AWARENESS]],
] as const)('LIM-9: %s over the rate closes with 4529', async ([, frames], { raw }) => {
  const client = await raw()
  for (let i = 0; i <= 2 * JOIN_BURST; i++) client.socket.send(frames[i % frames.length]!)
  expect(await client.closeCode()).toBe(CLOSE_CODES.RATE_LIMITED)
})

test('LIM-24: of a person’s connections ten take edits of any size, and the others of 1 MiB', async ({
  whiteboard,
  viewer,
  as,
}) => {
  const workspaces = await as(viewer, '/api/workspaces')
  const [workspace] = workspaces.body.items as { id: string }[]
  const path = `/api/workspaces/${workspace!.id}/boards`
  const boardId = (await as(viewer, path, { body: { name: 'Plan' } })).body.id as string
  const connections: WhiteboardClient[] = []
  for (let i = 0; i <= MAX_LARGE_CONNECTIONS_PER_USER; i++) {
    connections.push(await whiteboard(0, viewer, boardId))
  }
  const limits = await Promise.all(
    connections.map(async (connection) => (await connection.heard('hello')).limits),
  )
  expect(limits.map(({ maxUpdateBytes }) => maxUpdateBytes)).toEqual([
    ...Array.from({ length: MAX_LARGE_CONNECTIONS_PER_USER }, () => MAX_UPDATE_BYTES),
    MAX_SMALL_UPDATE_BYTES,
  ])
  const large = connections.at(-2)!
  const small = connections.at(-1)!
  small.socket.send(encodeUpdate(edit(MAX_SMALL_UPDATE_BYTES - 1_024)))
  await small.heard('sync:ack', ({ saved }) => saved === 1)
  large.socket.send(encodeUpdate(edit(2 * MAX_SMALL_UPDATE_BYTES)))
  await large.heard('sync:ack', ({ saved }) => saved === 1)
  connections[0]!.destroy()
  await eventually('the next takes edits of any size', async () => {
    const { limits } = await (await whiteboard(0, viewer, boardId)).heard('hello')
    return limits.maxUpdateBytes === MAX_UPDATE_BYTES
  })
  small.socket.send(encodeUpdate(edit(2 * MAX_SMALL_UPDATE_BYTES)))
  expect(await small.closeCode()).toBe(1006)
})

test('LIM-5: an edit that would bring the board over 64 MiB is refused, and everybody goes on', async ({
  whiteboard,
  ada,
  newBoard,
}) => {
  const client = await whiteboard()
  const part = MAX_UPDATE_BYTES - 64 * 1024
  const parts = MAX_BOARD_BYTES / MAX_UPDATE_BYTES
  let sent = 0
  const fateOf = async (frame: Uint8Array) => {
    const seq = ++sent
    client.socket.send(frame)
    await client.heard('sync:ack', ({ saved }) => saved === seq)
    const rejection = client.messages.find((it) => it.type === 'sync:rejected' && it.seq === seq)
    return rejection?.type === 'sync:rejected' ? rejection.code : 'saved'
  }
  for (let i = 1; i <= parts; i++) {
    const frame = encodeSyncStep2(edit(part))
    // They are more than a person may send at once.
    await eventually('it is saved', async () => (await fateOf(frame)) === 'saved')
  }
  const large = encodeUpdate(edit(1024 * 1024))
  await eventually('it is full', async () => (await fateOf(large)) === 'board_full')
  const small = encodeUpdate(edit())
  await eventually('a small one is saved', async () => (await fateOf(small)) === 'saved')
  const reader = await whiteboard()
  const elsewhere = await whiteboard(0, ada, await newBoard())
  elsewhere.socket.send(encodeUpdate(edit()))
  await elsewhere.heard('sync:ack', ({ saved }) => saved === 1)
  for (const { closed } of [client, reader]) expect(closed).toBeUndefined()
})

describe('before the upgrade', () => {
  /** What a browser learns that asks why its upgrade failed. */
  async function explain(url: string, origin?: string) {
    const response = await fetch(url, origin ? { headers: { origin } } : {})
    const { code } = (await response.json()) as { code: string }
    return {
      status: response.status,
      code,
      readableBy: response.headers.get('access-control-allow-origin'),
    }
  }

  test('ADM-12: the token is never echoed as a subprotocol', async ({
    whiteboard,
    stack,
    boardId,
    ada,
    clients,
  }) => {
    const client = await whiteboard()
    expect(client.socket.protocol).toBe(SUBPROTOCOL)
    // The other way round, too.
    const reversed = await connectRaw(`${stack.realtimeUrl}/${boardId}`, {
      protocols: [`bearer.${ada.accessToken}`, SUBPROTOCOL],
    })
    clients.keep(reversed)
    expect(reversed.socket.protocol).toBe(SUBPROTOCOL)
  })

  test('ADM-12: `yjs` carries a token to binary frames alone', async ({
    stack,
    boardId,
    ada,
    clients,
  }) => {
    const texts: string[] = []
    const binary = await connectRaw(`${stack.realtimeUrl}/${boardId}`, {
      protocols: ['yjs', `bearer.${ada.accessToken}`],
      onText: (text) => texts.push(text),
    })
    clients.keep(binary)
    expect(binary.socket.protocol).toBe('yjs')
    // As a connection without a subprotocol: text frames are ignored, and none is sent.
    binary.socket.send('no message')
    binary.socket.send(encodeSyncStep1(encodeStateVector(new Doc())))
    await eventually('it is answered', () => binary.frames.length > 1)
    expect(texts).toEqual([])
    expect(binary.closed).toBeUndefined()
  })

  test('ADM-12: subprotocols may have a header line each, as proxies send them', async ({
    httpUrl,
    ada,
  }) => {
    const upgraded = new Promise<IncomingMessage>((resolve, reject) => {
      const headers = {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
        'sec-websocket-protocol': [SUBPROTOCOL, `bearer.${ada.accessToken}`],
      }
      const upgrade = request(httpUrl(), { headers, agent: false })
      upgrade.on('response', ({ statusCode }) => reject(new Error(`answered ${statusCode}`)))
      upgrade.on('error', reject)
      upgrade.on('upgrade', (response, socket) => {
        socket.destroy()
        resolve(response)
      })
      upgrade.end()
    })
    expect((await upgraded).headers['sec-websocket-protocol']).toBe(SUBPROTOCOL)
  })

  test('ADM-13: a plain GET explains what an upgrade would get', async ({ ada, httpUrl, alan }) => {
    const token = `?token=${ada.accessToken}`
    const readableBy = WEB_ORIGIN
    expect(await explain(`${httpUrl()}${token}`, WEB_ORIGIN)).toEqual({
      status: 426,
      code: 'upgrade_required',
      readableBy,
    })
    expect(await explain(httpUrl(), WEB_ORIGIN)).toEqual({
      status: 401,
      code: 'token_required',
      readableBy,
    })
    expect(await explain(`${httpUrl()}?token=${alan.accessToken}`, WEB_ORIGIN)).toEqual({
      status: 404,
      code: 'board_not_found',
      readableBy,
    })
    expect(await explain(`${httpUrl()}${token}`, 'https://evil.example')).toEqual({
      status: 403,
      code: 'origin_not_allowed',
      readableBy: null,
    })
    expect(await explain(`${httpUrl()}${token}`)).toMatchObject({ status: 426, readableBy: null })
  })

  test('LIM-6 ADM-13: one person has 100 connections to a gateway; a plain GET says so too', async ({
    stack,
    boardId,
    ada,
    clients,
  }) => {
    const url = `${stack.realtimeUrl}/${boardId}?token=${ada.accessToken}`
    // Those of earlier tests may still be closing.
    const health = async () => {
      const response = await fetch(
        stack.realtimeUrl.replace('ws:', 'http:').replace(/ws$/, 'health'),
      )
      return (await response.json()) as { connections: number }
    }
    await eventually('the gateway is empty', async () => (await health()).connections === 0)
    const attempts = await Promise.allSettled(
      Array.from({ length: MAX_CONNECTIONS_PER_USER + 1 }, () => connectRaw(url)),
    )
    const admitted: RawClient[] = []
    const refused: unknown[] = []
    for (const attempt of attempts) {
      if (attempt.status === 'fulfilled') admitted.push(clients.keep(attempt.value))
      else refused.push(attempt.reason)
    }
    expect(refused).toEqual([{ status: 429, code: 'too_many_connections' }])
    expect(await explain(url.replace('ws:', 'http:'))).toMatchObject({
      status: 429,
      code: 'too_many_connections',
    })
    admitted[0]?.destroy()
    await eventually('there is room again', async () => {
      clients.keep(await connectRaw(url))
      return true
    })
  })
})
