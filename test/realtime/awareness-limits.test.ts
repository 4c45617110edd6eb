import {
  AWARENESS_BURST,
  AWARENESS_BYTE_BURST,
  decodeFrame,
  encodeSyncStep1,
  MAX_AWARENESS_BYTES,
  MAX_LARGE_AWARENESS_BYTES_PER_USER,
} from '@mindfuse/protocol'
import { awarenessFrame, awarenessStates, eventually, type RawClient } from '@mindfuse/testing'
import { expect } from 'vitest'
import { testWith } from '../support/fixtures.ts'

const test = testWith({ gateways: 2 }).extend(
  'limited',
  ({ stack }) =>
    /** How often the first gateway has limited awareness so far. */
    async (outcome: 'conflated' | 'dropped'): Promise<number> => {
      const url = stack.realtimeUrl.replace('ws:', 'http:').replace(/ws$/, 'metrics')
      const text = await (await fetch(url)).text()
      const series = `realtime_awareness_limited_total{outcome="${outcome}"}`
      return Number(
        text
          .split('\n')
          .find((line) => line.startsWith(series))
          ?.split(' ')[1],
      )
    },
)

const state = (clientId: number, clock: number, length = 1) =>
  awarenessFrame({ clientId, clock, state: JSON.stringify('x'.repeat(length)) })

/** The entries of a client that a raw client received, in order. */
const received = (by: RawClient, clientId: number) =>
  by.frames.map(decodeFrame).flatMap((frame) => {
    if (frame.kind !== 'awareness') return []
    return awarenessStates(frame.update).filter((entry) => entry.clientId === clientId)
  })

const hasClock = (by: RawClient, clientId: number, clock: number) =>
  eventually(`clock ${clock} of client ${clientId} arrives`, () =>
    received(by, clientId).some((entry) => entry.clock === clock),
  )

/** Waits until everything that a client sent so far is handled. */
async function settled(client: RawClient): Promise<void> {
  const before = client.frames.length
  client.socket.send(encodeSyncStep1(Uint8Array.of(0)))
  await eventually('it is answered', () =>
    client.frames.slice(before).some((bytes) => decodeFrame(bytes).kind === 'sync-step-2'),
  )
}

test('LIM-3: awareness over its rate is conflated: the newest state of each client arrives, and removals', async ({
  raw,
}) => {
  const [talker, near, far] = await Promise.all([raw(0), raw(0), raw(1)])
  const last = 8 * AWARENESS_BURST
  for (let clock = 1; clock <= last; clock++) {
    for (const clientId of [1, 2]) talker.socket.send(state(clientId, clock))
    if (clock === 1) talker.socket.send(state(3, 1))
    if (clock === last / 2) {
      talker.socket.send(awarenessFrame({ clientId: 3, clock: 2, state: 'null' }))
    }
  }
  for (const listener of [near, far]) {
    for (const clientId of [1, 2]) {
      await hasClock(listener, clientId, last)
      expect(received(listener, clientId).length).toBeLessThan(last / 8)
    }
    await eventually('the third is gone', () => received(listener, 3).at(-1)?.state !== '"x"')
  }
  expect(talker.closed).toBeUndefined()
})

test('LIM-3: a pointer at 144 Hz keeps its connection, and its last position arrives', async ({
  syncedStock,
}) => {
  const [ada, peer] = await Promise.all([syncedStock(0), syncedStock(1)])
  let removals = 0
  peer.provider.awareness.on('change', ({ removed }: { removed: number[] }) => {
    if (removed.includes(ada.doc.clientID)) removals++
  })
  const ends: unknown[] = []
  ada.provider.on('connection-close', (event) => ends.push(event))
  const startedAt = performance.now()
  let moves = 0
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const due = ((performance.now() - startedAt) / 1_000) * 144
      while (moves < due) {
        ada.provider.awareness.setLocalStateField('pointer', { x: ++moves, y: moves })
      }
      if (moves < 144 * 4) return
      clearInterval(timer)
      resolve()
    }, 2)
  })
  const pointer = () => peer.provider.awareness.getStates().get(ada.doc.clientID)?.pointer
  await eventually('the last position is there', () => pointer()?.x === moves)
  expect({ ends, removals }).toEqual({ ends: [], removals: 0 })
})

test('LIM-3: large states are conflated by the bytes of a person, over all connections', async ({
  raw,
  limited,
}) => {
  const before = await limited('conflated')
  const tabs = await Promise.all(Array.from({ length: 6 }, () => raw(0)))
  const [near, far] = await Promise.all([raw(0), raw(1)])
  const last = 200
  expect(tabs.length * last * 9_500).toBeGreaterThan(2 * AWARENESS_BYTE_BURST)
  for (let clock = 1; clock <= last; clock++) {
    for (const [i, tab] of tabs.entries()) tab.socket.send(state(i, clock, 9_500))
  }
  for (const i of tabs.keys()) {
    await hasClock(near, i, last)
    await hasClock(far, i, last)
  }
  expect(await limited('conflated')).toBeGreaterThan(before)
  for (const { closed } of [...tabs, near, far]) expect(closed).toBeUndefined()
})

test('LIM-3: frames that only repeat what a client received count for nothing', async ({ raw }) => {
  const talkers = await Promise.all(Array.from({ length: 12 }, () => raw()))
  const echo = await raw()
  let echoed = 0
  echo.socket.on('message', (data: Buffer) => {
    if (decodeFrame(new Uint8Array(data)).kind !== 'awareness') return
    for (let i = 0; i < 20; i++) echo.socket.send(data)
    echoed++
  })
  for (let clock = 1; clock <= 10; clock++) {
    const before = echoed
    for (const [i, talker] of talkers.entries()) talker.socket.send(state(i, clock, 4_000))
    await eventually('they are repeated', () => echoed > before)
  }
  await settled(echo)
  expect(echo.closed).toBeUndefined()
  // Its own state is not held back by what it repeated.
  echo.socket.send(state(100, 1))
  await hasClock(talkers[0]!, 100, 1)
})

test('BAD-3: awareness over 64 KiB is dropped, and the state before stays', async ({
  raw,
  whiteboard,
  limited,
}) => {
  const watcher = await raw(1)
  for (const [i, client] of [await raw(), await whiteboard()].entries()) {
    const before = await limited('dropped')
    const fits = JSON.stringify('x'.repeat(MAX_AWARENESS_BYTES - 32))
    client.socket.send(awarenessFrame({ clientId: i, clock: 1, state: fits }))
    const tooLarge = JSON.stringify('x'.repeat(MAX_AWARENESS_BYTES))
    client.socket.send(awarenessFrame({ clientId: i, clock: 2, state: tooLarge }))
    await eventually('it is counted', async () => (await limited('dropped')) === before + 1)
    await hasClock(watcher, i, 1)
    client.socket.send(state(i, 3))
    await hasClock(watcher, i, 3)
    expect(received(watcher, i).map(({ clock }) => clock)).toEqual([1, 3])
    expect(client.closed).toBeUndefined()
  }
})

test('AW-12: of one person 1 MiB of large states is kept; small ones are, and those of others', async ({
  raw,
  alan,
}) => {
  const size = MAX_AWARENESS_BYTES - 32
  const most = Math.floor(MAX_LARGE_AWARENESS_BYTES_PER_USER / MAX_AWARENESS_BYTES)
  const clients = await Promise.all(Array.from({ length: most + 2 }, () => raw()))
  for (const [i, { socket }] of clients.entries()) socket.send(state(i, 1, size))
  await Promise.all(clients.map(settled))
  // A joiner receives all that are kept at once.
  const early = await raw()
  await settled(early)
  const states = () => clients.filter((_, i) => received(early, i).length > 0)
  // Those of earlier tests may not be paid for yet.
  await eventually('as many are handled as there is room for', () => states().length >= most)
  await settled(early)
  expect(states()).toHaveLength(most)

  for (const [i, { socket }] of clients.entries()) socket.send(state(i, 2, 4_000))
  const his = await raw(0, alan)
  his.socket.send(state(100, 1, size))
  for (const i of clients.keys()) await hasClock(early, i, 2)
  await hasClock(early, 100, 1)
})
