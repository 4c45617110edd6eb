import type { Board } from '@mindfuse/client'
import { callApi, eventually, type SignedIn } from '@mindfuse/testing'
import { expect } from 'vitest'
import { addressOf, testWith } from '../support/sdk-fixtures.ts'

const test = testWith({ gateways: 2 })
  .extend('openAt', ({ open, stack }) => (person: SignedIn, gateway: number) => {
    return open(person, {}, { ...stack, realtimeUrl: stack.realtimeUrls[gateway] as string })
  })
  .extend('hers', ({ openAt, ada }) => openAt(ada, 0))
  .extend('his', ({ openAt, alan }) => openAt(alan, 1))

const idOf = ({ status }: Board) => (status.kind === 'online' ? status.connectionId : '')

/** What a board shows of a draft of others, whoever they are. */
const seenOn = (board: Board, id = 'stroke') =>
  [...board.drafts.others().values()].find(({ drafts }) => drafts.has(id))?.drafts.get(id)

/** Both know each other: else whoever is alone sends drafts once a second. */
const meet = (...boards: Board[]) =>
  eventually('all know each other', () =>
    boards.every(({ presence }) => presence.others.length > 0),
  )

test('a stroke is seen while it grows, on another gateway, and is in the document when it is gone', async ({
  hers,
  his,
  ada,
}) => {
  await meet(hers, his)
  const lengths: number[] = []
  his.drafts.on('change', (others) => {
    for (const { drafts } of others.values()) {
      lengths.push((drafts.get('stroke') as { points: unknown[] }).points.length)
    }
  })
  const stroke = { color: 'red', points: [] as number[] }
  await eventually('it was seen growing', () => {
    stroke.points.push(stroke.points.length)
    hers.drafts.set('stroke', stroke)
    return lengths.length > 10
  })
  await eventually('all of it is seen', () => lengths.at(-1) === stroke.points.length)
  expect(lengths).toEqual(lengths.toSorted((a, b) => a - b))
  expect(his.drafts.others()).toEqual(
    new Map([
      [
        idOf(hers),
        {
          connectionId: idOf(hers),
          user: { id: ada.user.id, name: ada.user.name },
          drafts: new Map([['stroke', stroke]]),
        },
      ],
    ]),
  )
  hers.edit((doc) => doc.getMap('shapes').set('line', stroke))
  hers.drafts.remove('stroke')
  await eventually('it is gone', () => his.drafts.others().size === 0)
  await eventually('it is in the document', () => his.doc.getMap('shapes').has('line'))
  expect(his.doc.getMap('shapes').get('line')).toEqual(stroke)
  expect(hers.drafts.others().size).toBe(0)
})

test('who joins later sees all of it within a second, on either gateway', async ({
  annotate,
  hers,
  his,
  alan,
  openAt,
}) => {
  await meet(hers, his)
  const stroke = { points: Array.from({ length: 400 }, (_, i) => [i, i / 3, 0.5]) }
  hers.drafts.set('stroke', stroke)
  await eventually('it is seen', () => seenOn(his))
  for (const gateway of [0, 1]) {
    const joined = await openAt(alan, gateway)
    const joinedAt = performance.now()
    await eventually('it is seen', () => seenOn(joined))
    const ms = Math.round(performance.now() - joinedAt)
    await annotate(`seen ${ms} ms after the board was there`)
    expect(seenOn(joined)).toEqual(stroke)
    // And the windows of both gateways, on a machine that others use.
    expect(ms).toBeLessThan(1_500)
  }
})

test('is there again after a reconnect, and gone 5 seconds after its sender was lost', async ({
  annotate,
  startProxy,
  open,
  ada,
  stack,
  his,
}) => {
  const proxy = await startProxy()
  const hers = await open(ada, {}, addressOf(stack, proxy))
  await meet(hers, his)
  hers.drafts.set('stroke', 1)
  await eventually('it is seen', () => seenOn(his) === 1)
  proxy.cut()
  await eventually('its end is seen', () => !seenOn(his))
  hers.drafts.set('stroke', 2)
  hers.connect()
  await eventually('it is seen again', () => seenOn(his) === 2)

  // Nothing says that she is gone: her connection is silent.
  proxy.stall()
  const lostAt = performance.now()
  await eventually('it is gone', () => !seenOn(his))
  const ms = Math.round(performance.now() - lostAt)
  await annotate(`gone ${ms} ms after its sender was lost`)
  expect(ms).toBeGreaterThan(3_900)
  expect(ms).toBeLessThan(6_000)
})

test('is gone at once when its sender becomes a viewer, who can make no other', async ({
  hers,
  his,
  stack,
  boardId,
  ada,
  alan,
}) => {
  await meet(hers, his)
  const setRole = (role: string) =>
    callApi(`${stack.apiUrl}/api/boards/${boardId}/members/${alan.user.id}`, {
      ...{ token: ada.accessToken, method: 'PUT', body: { role } },
    })
  his.drafts.set('stroke', 1)
  await eventually('it is seen', () => seenOn(hers))
  await setRole('viewer')
  await eventually('it is gone', () => !seenOn(hers))
  await eventually('he is told', () => his.role === 'viewer')
  const readOnly = expect.objectContaining({ code: 'read_only' })
  expect(() => his.drafts.set('stroke', 2)).toThrow(readOnly)
  hers.drafts.set('move', { dx: 1 })
  await eventually('he sees hers', () => seenOn(his, 'move'))
  await setRole('editor')
  await eventually('he is told', () => his.role === 'editor')
  expect(seenOn(hers)).toBeUndefined()
  his.drafts.set('stroke', 3)
  await eventually('it is seen', () => seenOn(hers) === 3)
})

test('beyond the budget is refused, is seen later, and delays no edit', async ({
  hers,
  his,
  stack,
}) => {
  await meet(hers, his)
  const large = 'x'.repeat(60_000)
  let i = 0
  await eventually('she drew for a while', async () => {
    hers.drafts.set('picture', { large, i: ++i })
    hers.edit((doc) => doc.getMap('shapes').set(`${i}`, true))
    await new Promise((resolve) => setTimeout(resolve, 20))
    return i >= 100
  })
  await hers.whenSaved()
  await eventually('the last is seen', () => (seenOn(his, 'picture') as { i: number })?.i === i)
  await eventually('all edits are there', () => his.doc.getMap('shapes').size === i)
  expect(hers.status.kind).toBe('online')
  const metrics = await fetch(stack.realtimeUrl.replace(/^ws(.*)ws$/, 'http$1metrics'))
  expect(await metrics.text()).toMatch(/^realtime_drafts_total\{outcome="rate_limited"\} [1-9]/m)
})
