import { eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import { testWith } from '../support/fixtures.ts'

const test = testWith({ gateways: 2 })

test('STORE-18: clients restore what the database lost, and draw on', async ({
  boardId,
  stack,
  stock,
  alan,
  readStored,
}) => {
  const [one, two] = [stock(0), stock(1, alan)]
  await Promise.all([one.synced(), two.synced()])
  const words = (from: number, to: number) =>
    Object.fromEntries(Array.from({ length: to - from }, (_, i) => [`shape ${from + i}`, true]))
  const draw = (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      const { doc } = i % 2 === 0 ? one : two
      doc.getMap('shapes').set(`shape ${i}`, true)
    }
  }
  draw(0, 10)
  await eventually('all is stored', async () => expect(await readStored()).toEqual(words(0, 10)))

  // A standby that had only the first updates is promoted.
  const { query } = stack.database
  await query('DELETE FROM board_updates WHERE board_id = $1 AND seq > 1', [boardId])
  await query('UPDATE board_documents SET seq = 1 WHERE board_id = $1', [boardId])
  draw(10, 12)

  await eventually('what clients hold is stored again', async () =>
    expect(await readStored()).toEqual(words(0, 12)),
  )
  draw(12, 14)
  await eventually('edits after that are stored', async () =>
    expect(await readStored()).toEqual(words(0, 14)),
  )
})
