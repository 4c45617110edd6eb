import { eventually, openBareSocket, type SignedIn } from '@mindfuse/testing'
import { Redis } from 'ioredis'
import { expect, inject } from 'vitest'
import { testWithTeam } from '../support/fixtures.ts'

/** One person may have 100 connections to a gateway. */
const PEOPLE = 6
const CONNECTIONS_EACH = 90

const BATCH = 250
const INTERVAL_MS = 50

const test = testWithTeam(PEOPLE, { gateways: 0 })

test('STOP-8 STOP-9: a gateway that stops closes 250 every 50 ms, and its lease is over at once', async ({
  startGateway,
  boardId,
  newBoard,
  people,
}) => {
  const gateway = await startGateway()
  const join = ({ accessToken }: SignedIn, board = boardId) =>
    openBareSocket(`${gateway.realtimeUrl}/${board}?token=${accessToken}`)
  // A person whose board says which gateway it is.
  const ownBoard = await newBoard()
  const sockets = [await join(people[0]!, ownBoard)]
  for (const who of people) {
    const more = Array.from({ length: CONNECTIONS_EACH }, () => join(who))
    sockets.push(...(await Promise.all(more)))
  }
  const redis = new Redis(inject('redisUrl'))
  const [stored = ''] = await eventually('its presence is stored', async () => {
    const entries = await redis.hvals(`board:{${ownBoard}}:presence`)
    return entries.length > 0 ? entries : undefined
  })
  const lease = `gateway:${JSON.parse(stored).gatewayId}`
  expect(await redis.exists(lease)).toBe(1)

  expect(await gateway.stop('SIGTERM')).toBe(0)
  expect(await redis.exists(lease)).toBe(0)
  redis.disconnect()
  expect(await Promise.all(sockets.map(({ closed }) => closed))).toEqual(sockets.map(() => 1012))

  // By the gateway's own clock, as it logs.
  const closedAt = gateway
    .output()
    .split('\n')
    .filter((line) => line.includes('"disconnected"'))
    .map((line) => Number(new Date(JSON.parse(line).time)))
  expect(closedAt).toHaveLength(sockets.length)
  for (let i = BATCH; i < closedAt.length; i += BATCH) {
    // A timer may be early by a millisecond, and the clock rounds by another.
    expect(closedAt[i]! - closedAt[i - BATCH]!).toBeGreaterThanOrEqual(INTERVAL_MS - 2)
  }
})
