import { eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import { testWith } from '../support/fixtures.ts'

const test = testWith({ gateways: 2 })

test.for([
  ['while people draw', 2],
  ['while nobody draws', 0],
] as const)(
  'STORE-18: clients restore what the database lost %s',
  async ([_, drawnMeanwhile], { boardId, stack, stock, alan, readStored }) => {
    const [one, two] = [stock(0), stock(1, alan)]
    await Promise.all([one.synced(), two.synced()])
    const drawn: Record<string, true> = {}
    const draw = (count: number) => {
      for (let i = 0; i < count; i++) {
        const shape = `shape ${Object.keys(drawn).length}`
        const { doc } = i % 2 === 0 ? one : two
        doc.getMap('shapes').set(shape, true)
        drawn[shape] = true
      }
    }
    const allIsStored = () =>
      eventually('everything is stored', async () => {
        expect(await readStored()).toEqual(drawn)
        return true
      })
    draw(10)
    await allIsStored()

    // As if a standby that had only the first update were promoted.
    const { query } = stack.database
    await query(
      `WITH lost AS (DELETE FROM board_updates WHERE board_id = $1 AND seq > 1)
       UPDATE board_documents SET seq = 1 WHERE board_id = $1`,
      [boardId],
    )
    draw(drawnMeanwhile)
    await allIsStored()
    draw(2)
    await allIsStored()
  },
)
