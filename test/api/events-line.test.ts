import { ACCESS_TOKEN_TYPE } from '@mindfuse/service-kit/access-tokens'
import { eventually } from '@mindfuse/testing'
import { importJWK, SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Cast, createCast } from '../support/cast.ts'
import { type EventStream, openEvents } from '../support/event-stream.ts'
import { type Stack, type StackOptions, startStack } from '../support/stack.ts'

let stack: Stack
let cast: Cast
afterEach(() => stack.stop())

async function start(options: StackOptions = {}): Promise<void> {
  stack = await startStack(options)
  cast = await createCast(stack)
}

async function watch(token: string, lastEventId?: string): Promise<EventStream> {
  const resume = lastEventId === undefined ? {} : { lastEventId }
  const stream = await openEvents(stack.apiUrl, { token, ...resume })
  await stream.until('it is resumed', ({ name }) => name === 'resumed')
  return stream
}

describe('an idle stream', () => {
  beforeEach(() => start({ streamTimes: { commentMs: 1_000 } }))

  test('EVT-9: carries comments, and with them how far its owner has been told', async () => {
    const stream = await watch(cast.stranger.accessToken)
    const before = stream.lastEventId
    const boardId = await cast.newBoard()
    await eventually('comments come', () => stream.comments >= 2)
    // Nothing of it was for them, and still they need not ask for it when they come back.
    const [{ seq }] = await stack.database.query('SELECT seq FROM events WHERE board_id = $1', [
      boardId,
    ])
    await eventually('the position moves on', () => Number(stream.lastEventId) >= Number(seq))
    expect(Number(before)).toBeLessThan(Number(seq))
    expect(stream.events).toHaveLength(2)
    stream.close()
  })
})

describe('a stream ends', () => {
  test('EVT-10: after a while, and says when to come back', async () => {
    await start({ streamTimes: { maxLifeMs: 1_500 } })
    const stream = await watch(cast.workspaceOwner.accessToken)
    await stream.untilEnded()
    expect(stream.events.at(-1)?.name).toBe('boards:initial')
    expect(stream.retryMs).toBeLessThanOrEqual(10_000)
  })

  test('EVT-10: with its access token, and says so', async () => {
    await start()
    const [{ kid, private_jwk }] = await stack.database.query('SELECT * FROM signing_keys')
    const [, payload = ''] = cast.workspaceOwner.accessToken.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const endsAt = Math.floor(Date.now() / 1_000) + 3
    const token = await new SignJWT({ ...claims, exp: endsAt })
      .setProtectedHeader({ alg: 'EdDSA', typ: ACCESS_TOKEN_TYPE, kid })
      .sign(await importJWK(private_jwk, 'EdDSA'))
    const stream = await watch(token)
    await stream.untilEnded()
    expect(stream.events.at(-1)).toMatchObject({ name: 'error', data: { code: 'token_expired' } })
    expect(Date.now()).toBeGreaterThanOrEqual(endsAt * 1_000)
    expect(Date.now()).toBeLessThan(endsAt * 1_000 + 2_000)
  })

  test('EVT-13: when the API stops, each with its own time to come back', async () => {
    await start()
    const streams = await Promise.all(
      Array.from({ length: 15 }, () => watch(cast.workspaceOwner.accessToken)),
    )
    const began = Date.now()
    await stack.stopApi()
    expect(Date.now() - began).toBeLessThan(4_000)
    for (const stream of streams) await stream.untilEnded()
    const times = streams.map(({ retryMs = 0 }) => retryMs)
    expect(new Set(times).size).toBeGreaterThan(10)
    expect(Math.max(...times)).toBeLessThanOrEqual(10_000)
    expect(streams.flatMap(({ events }) => events).some(({ name }) => name === 'error')).toBe(false)

    await stack.startApi()
    const back = await watch(cast.workspaceOwner.accessToken, streams[0]?.lastEventId)
    expect(back.events[0]?.data.complete).toBe(true)
    back.close()
  })
})

describe('a reader that takes nothing', () => {
  beforeEach(() => start())

  test('EVT-12: is closed, the others hear everything, and it misses nothing when it comes back', async () => {
    const boardId = await cast.newBoard()
    const picture = `data:image/png;base64,${'A'.repeat(2_000)}`
    const [stalled, reader] = await Promise.all([
      watch(cast.workspaceMember.accessToken),
      watch(cast.workspaceMember.accessToken),
    ])
    await eventually('both know the list', () =>
      [stalled, reader].every(({ events }) => events.length === 2),
    )
    await cast.call(cast.workspaceOwner, 'PATCH', `/api/boards/${boardId}`, {
      thumbnailUrl: picture,
    })
    await eventually('both hear', () =>
      [stalled, reader].every(({ events }) => events.length === 3),
    )
    stalled.stall()
    const metric = async (name: string) => {
      const text = await (await fetch(`${stack.apiUrl}/metrics`)).text()
      const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `))
      return Number(line?.split(' ').at(-1))
    }
    // Some megabytes fit into what the kernel keeps for a connection.
    let changes = 0
    await eventually(
      'the one that takes nothing is closed',
      async () => {
        await stack.database.query(
          `INSERT INTO events (seq, type, workspace_id, board_id, data, published_at)
           SELECT nextval('events_seq'), 'board.updated', $1, $2,
             '{"access":[],"sessions":[]}', now()
           FROM generate_series(1, 400)`,
          [cast.workspaceId, boardId],
        )
        changes += 400
        await eventually(
          'the reader has them',
          () => reader.updates('boards:update').length === changes + 1,
        )
        expect(await metric('sse_queue_size')).toBeLessThan(3 * 1024 * 1024)
        return (await metric('sse_overflow_total')) === 1
      },
      50_000,
    )
    expect(reader.isEnded).toBe(false)
    expect(await metric('sse_connections')).toBe(1)

    const back = await watch(cast.workspaceMember.accessToken, stalled.lastEventId)
    await eventually('it knows what the other knows', () => back.events.length > 1)
    expect(back.events[0]?.data.from).toBe(stalled.lastEventId)
    reader.close()
    back.close()
  })
})
