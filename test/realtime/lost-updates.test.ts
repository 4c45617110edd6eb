import { eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import { testWith } from '../support/fixtures.ts'
import { addMember } from '../support/people.ts'

const test = testWith({ gateways: 2 })
  .extend('boardId', async ({ newBoard, stack, viewer }) => {
    const boardId = await newBoard()
    await addMember(stack, boardId, viewer, 'viewer')
    return boardId
  })
  /** Two people on two gateways. */
  .extend('authors', async ({ stock, alan }) => {
    const authors = [stock(0), stock(1, alan)] as const
    await Promise.all(authors.map((author) => author.synced()))
    return authors
  })
  /** Has them draw by turns. @returns once it is stored, with all that they drew before */
  .extend('draw', ({ authors, readStored }) => {
    const drawn: Record<string, true> = {}
    return async (count: number) => {
      for (let i = 0; i < count; i++) {
        const drawnBefore = Object.keys(drawn).length
        const shape = `shape ${drawnBefore}`
        authors[drawnBefore % 2]?.doc.getMap('shapes').set(shape, true)
        drawn[shape] = true
      }
      await eventually('everything is stored', async () => {
        expect(await readStored()).toEqual(drawn)
        return true
      })
    }
  })
  /** One number out of the metrics of a gateway. */
  .extend('metric', ({ stack }) => async (gateway: number, name: string) => {
    const url = stack.realtimeUrls[gateway]?.replace('ws:', 'http:').replace(/ws$/, 'metrics')
    const text = await (await fetch(`${url}`)).text()
    return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1])
  })
  /** As if a standby that had only the first update were promoted. */
  .extend('goBack', ({ stack, boardId }) => async () => {
    await stack.database.query(
      `WITH lost AS (DELETE FROM board_updates WHERE board_id = $1 AND seq > 1)
       UPDATE board_documents SET seq = 1 WHERE board_id = $1`,
      [boardId],
    )
  })

test.for([
  ['while people draw', 2],
  ['while nobody draws', 0],
] as const)(
  'STORE-18: what the database lost is stored again %s, and nobody is closed',
  async ([_, drawnMeanwhile], { draw, goBack, authors }) => {
    const closes: unknown[] = []
    for (const { provider } of authors)
      provider.on('connection-close', (event) => closes.push(event))
    await draw(10)
    await goBack()
    await draw(drawnMeanwhile)
    await draw(2)
    expect(closes).toEqual([])
  },
)

test('STORE-18: so is what each gateway stored after what it has not read of the other', async ({
  draw,
  goBack,
}) => {
  for (let i = 0; i < 4; i++) await draw(1)
  await goBack()
  await draw(0)
})

test('STORE-18: so is what only a gateway holds, and its readers', async ({
  draw,
  goBack,
  authors,
  stock,
  viewer,
  metric,
  stack,
  boardId,
}) => {
  await stock(0, viewer).synced()
  await draw(10)
  for (const author of authors) author.destroy()
  await eventually('the other gateway closes the board', async () => {
    return (await metric(1, 'realtime_rooms')) === 0
  })
  await goBack()
  await draw(0)
  const seqs = await stack.database.query('SELECT seq FROM board_documents WHERE board_id = $1', [
    boardId,
  ])
  expect(seqs).toEqual([{ seq: '2' }])
})

test('STORE-18: another incarnation of the database is compared, however far it is', async ({
  draw,
  stack,
  boardId,
}) => {
  await draw(10)
  // Only the first update is left, and others have stored more than was lost: at once, or a gateway would
  // notice in between.
  await stack.database.query(
    `WITH first AS (
       SELECT user_id, update FROM board_updates WHERE board_id = $1 AND seq = 1
     ), lost AS (
       UPDATE board_updates SET update = first.update FROM first WHERE board_id = $1 AND seq > 1
     ), others AS (
       INSERT INTO board_updates (board_id, seq, user_id, update)
       SELECT $1, n, user_id, update FROM first, generate_series(11, 30) n
     )
     UPDATE board_documents SET seq = 30 WHERE board_id = $1`,
    [boardId],
  )
  await stack.database.query(
    `CREATE OR REPLACE FUNCTION database_incarnation() RETURNS text LANGUAGE sql AS $$ SELECT 'another' $$`,
    [],
  )
  await draw(0)
  await draw(2)
})

test('STORE-21: what the database lost of a board that nobody has open is counted', async ({
  draw,
  goBack,
  authors,
  metric,
}) => {
  const lostOn = (gateway: number) => metric(gateway, 'realtime_unrestored_positions_total')
  const before = await Promise.all([lostOn(0), lostOn(1)])
  await draw(10)
  for (const author of authors) author.destroy()
  await eventually('both gateways close the board', async () => {
    const rooms = [await metric(0, 'realtime_rooms'), await metric(1, 'realtime_rooms')]
    return rooms.every((count) => count === 0)
  })
  expect(await Promise.all([lostOn(0), lostOn(1)])).toEqual(before)
  await goBack()
  await eventually('both count it', async () => {
    const after = [await lostOn(0), await lostOn(1)]
    return after.every((count, i) => count > (before[i] ?? 0))
  })
})
