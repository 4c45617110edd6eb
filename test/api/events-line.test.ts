import { CLOCK_TOLERANCE_SECONDS } from '@mindfuse/service-kit'
import { ACCESS_TOKEN_TYPE } from '@mindfuse/service-kit/access-tokens'
import { eventually } from '@mindfuse/testing'
import { importJWK, SignJWT } from 'jose'
import { describe, expect } from 'vitest'
import { createCast } from '../support/cast.ts'
import { type EventStream, openEvents } from '../support/event-stream.ts'
import { test as base } from '../support/fixtures.ts'
import type { StackOptions } from '../support/stack.ts'

const test = base
  .extend('streamTimes', {} as StackOptions['streamTimes'])
  .extend('ownStack', ({ startStack, streamTimes }) => startStack({ streamTimes }))
  .extend('ownCast', ({ ownStack }) => createCast(ownStack))
  .extend(
    'watch',
    ({ ownStack }) =>
      async (token: string, lastEventId?: string): Promise<EventStream> => {
        const resume = lastEventId === undefined ? {} : { lastEventId }
        const stream = await openEvents(ownStack.apiUrl, { token, ...resume })
        await stream.until('it is resumed', ({ name }) => name === 'resumed')
        return stream
      },
  )

const commentingTest = test.extend('streamTimes', { commentMs: 1_000 })
const shortLivedTest = test.extend('streamTimes', { maxLifeMs: 1_500 })

describe('an idle stream', () => {
  commentingTest(
    'EVT-9: carries comments, and with them how far its owner has been told',
    async ({ watch, ownCast, ownStack }) => {
      const stream = await watch(ownCast.stranger.accessToken)
      const before = stream.lastEventId
      const boardId = await ownCast.newBoard()
      await eventually('comments come', () => stream.comments >= 2)
      // Nothing of it was for them, and still they need not ask for it when they come back.
      const [{ seq }] = await ownStack.database.query(
        'SELECT seq FROM events WHERE board_id = $1',
        [boardId],
      )
      await eventually('the position moves on', () => Number(stream.lastEventId) >= Number(seq))
      expect(Number(before)).toBeLessThan(Number(seq))
      expect(stream.events).toHaveLength(2)
      stream.close()
    },
  )
})

describe('a stream ends', () => {
  shortLivedTest(
    'EVT-10: after a while, and says when to come back',
    async ({ watch, ownCast }) => {
      const stream = await watch(ownCast.workspaceOwner.accessToken)
      await stream.untilEnded()
      expect(stream.events.at(-1)?.name).toBe('boards:initial')
      expect(stream.retryMs).toBeLessThanOrEqual(10_000)
    },
  )

  test('EVT-10: when its access token is no longer valid, and says so', async ({
    ownStack,
    ownCast,
    watch,
  }) => {
    const [{ kid, private_jwk }] = await ownStack.database.query('SELECT * FROM signing_keys')
    const [, payload = ''] = ownCast.workspaceOwner.accessToken.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const endsAt = Math.floor(Date.now() / 1_000) + 3
    const token = await new SignJWT({ ...claims, exp: endsAt - CLOCK_TOLERANCE_SECONDS })
      .setProtectedHeader({ alg: 'EdDSA', typ: ACCESS_TOKEN_TYPE, kid })
      .sign(await importJWK(private_jwk, 'EdDSA'))
    const stream = await watch(token)
    await stream.untilEnded()
    expect(stream.events.at(-1)).toMatchObject({ name: 'error', data: { code: 'token_expired' } })
    expect(Date.now()).toBeGreaterThanOrEqual(endsAt * 1_000)
    expect(Date.now()).toBeLessThan(endsAt * 1_000 + 10_000)
  })

  test('EVT-13: when the API stops, each with its own time to come back', async ({
    watch,
    ownCast,
    ownStack,
  }) => {
    const streams = await Promise.all(
      Array.from({ length: 15 }, () => watch(ownCast.workspaceOwner.accessToken)),
    )
    const began = Date.now()
    await ownStack.stopApi()
    expect(Date.now() - began).toBeLessThan(15_000)
    for (const stream of streams) await stream.untilEnded()
    const times = streams.map(({ retryMs = 0 }) => retryMs)
    expect(new Set(times).size).toBeGreaterThan(10)
    expect(Math.max(...times)).toBeLessThanOrEqual(10_000)
    expect(streams.flatMap(({ events }) => events).some(({ name }) => name === 'error')).toBe(false)

    await ownStack.startApi()
    const back = await watch(ownCast.workspaceOwner.accessToken, streams[0]?.lastEventId)
    expect(back.events[0]?.data.complete).toBe(true)
    back.close()
  })
})

describe('a reader that takes nothing', () => {
  test('EVT-12: is closed, the others receive everything, and it misses nothing after it reconnects', async ({
    ownCast,
    watch,
    ownStack,
  }) => {
    const boardId = await ownCast.newBoard()
    const picture = `data:image/png;base64,${'A'.repeat(2_000)}`
    const [stalled, reader] = await Promise.all([
      watch(ownCast.workspaceMember.accessToken),
      watch(ownCast.workspaceMember.accessToken),
    ])
    await eventually('both know the list', () =>
      [stalled, reader].every(({ events }) => events.length === 2),
    )
    await ownCast.call(ownCast.workspaceOwner, 'PATCH', `/api/boards/${boardId}`, {
      thumbnailUrl: picture,
    })
    await eventually('both hear', () =>
      [stalled, reader].every(({ events }) => events.length === 3),
    )
    stalled.stall()
    const metric = async (name: string) => {
      const text = await (await fetch(`${ownStack.apiUrl}/metrics`)).text()
      const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `))
      return Number(line?.split(' ').at(-1))
    }
    // Some megabytes fit into what the kernel keeps for a connection.
    let changes = 0
    await eventually(
      'the one that takes nothing is closed',
      async () => {
        await ownStack.database.query(
          `INSERT INTO events (seq, type, workspace_id, board_id, data, published_at)
           SELECT nextval('events_seq'), 'board.updated', $1, $2,
             '{"access":[],"sessions":[]}', now()
           FROM generate_series(1, 400)`,
          [ownCast.workspaceId, boardId],
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

    const back = await watch(ownCast.workspaceMember.accessToken, stalled.lastEventId)
    await eventually('it knows what the other knows', () => back.events.length > 1)
    expect(back.events[0]?.data.from).toBe(stalled.lastEventId)
    reader.close()
    back.close()
  })
})
