import { createBoard, eventually, signIn } from '@mindfuse/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { judgeAccess } from './access.ts'
import { Board } from './board.ts'
import { auditStored, checkHealed } from './checks.ts'
import { createRandom } from './random.ts'
import { Report } from './report.ts'
import { describePlan, planRound, runRound } from './round.ts'
import { World } from './world.ts'

const { FAULT_ROUNDS } = process.env
const ROUNDS = Number(FAULT_ROUNDS ?? 60)

/** Rounds that have not begun by then are skipped; unless their number was asked for, seconds. */
const SECONDS = Number(process.env.FAULT_SECONDS ?? (FAULT_ROUNDS ? Number.POSITIVE_INFINITY : 80))
const FIRST_ROUND = Number(process.env.FAULT_FIRST_ROUND ?? 1)
const SEED = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31))

/** Boards are left behind after so many rounds, and others opened. */
const ROUNDS_PER_BOARD = 10
const BOARDS = 3
const PEOPLE = 3

let world: World
let boards: Board[] = []
const report = new Report(SEED)

beforeAll(async () => {
  // Each stock provider and each start of PostgreSQL listens for the exit of this process.
  process.setMaxListeners(100)
  world = await World.start()
})
afterAll(async () => {
  for (const board of boards) board.close()
  await world.stop()
  report.print()
})

/** New boards, with people signed in anew: tokens end, documents grow, what is broken stays so. */
async function openBoards(seed = SEED): Promise<void> {
  for (const board of boards) board.close()
  const { apiUrl } = world
  const people = []
  for (let i = 0; i < PEOPLE; i++) people.push(await signIn(apiUrl, `person-${i}@example.com`))
  const [, ...others] = people
  const tokens = people.map(({ accessToken }) => accessToken)
  boards = []
  for (let i = 0; i < BOARDS; i++) {
    const id = await createBoard(apiUrl, tokens[0]!)
    await world.postgres.query(
      `INSERT INTO board_members (board_id, user_id, role)
       SELECT $1, unnest($2::uuid[]), 'editor'`,
      [id, others.map(({ user }) => user.id)],
    )
    boards.push(new Board(world, id, tokens, createRandom(seed + i)))
  }
}

describe('the checks see', () => {
  const SOON_MS = 300
  let board: Board

  beforeEach(async () => {
    await openBoards()
    board = boards[0]!
    board.startWriting()
    await eventually('much is saved', () => board.edits.filter((edit) => edit.isSaved).length > 20)
    board.stopWriting()
    expect(await checkHealed(board)).toEqual([])
    expect(await auditStored(board)).toEqual([])
  })

  test('that a saved edit is missing in PostgreSQL, and later in every document', async () => {
    const tab = board.tabs[0]!
    tab.write()
    await eventually('it is saved', () => tab.isSettled)
    await world.postgres.query(
      `DELETE FROM board_updates WHERE board_id = $1
       AND seq = (SELECT max(seq) FROM board_updates WHERE board_id = $1)`,
      [board.id],
    )
    const last = tab.edits.at(-1)!.id
    expect(await auditStored(board)).toEqual([
      expect.stringMatching(`^1 saved edits are not in PostgreSQL: .*${last}$`),
    ])

    // No client is left that could send it again.
    board.killTabs(board.tabs.map((_, i) => i))
    await Promise.all(world.gateways.map((gateway) => gateway.kill(0)))
    const problems = await checkHealed(board)
    expect(problems).toContainEqual(expect.stringContaining('not in the clients’ documents'))
  })

  test('that one client has what others lack', async () => {
    board.tabs[0]!.doc.getMap('shapes').set('only here', true)
    const [problem] = await checkHealed(board, SOON_MS)
    expect(problem).toContain('gave up waiting until all have the same document')
    expect(problem).toContain('lacks only here')
  })

  test('that one client cannot connect', async () => {
    for (const link of world.links) {
      if (link.name.startsWith('clients')) link.stall(60_000, { endsWithReset: false })
    }
    board.killTabs([0])
    const [problem] = await checkHealed(board, SOON_MS)
    await world.heal()
    expect(problem).toContain('gave up waiting until all are settled')
  })

  test('that somebody who is said to be removed goes on receiving and drawing', async () => {
    const guest = await board.inviteGuest()
    guest.confirm('removed')
    board.startWriting()
    const problems = await eventually('that lasted for too long', async () => {
      const judged = judgeAccess('removed', await guest.exposure(), [])
      return judged.problems.length === 2 && judged.problems
    })
    board.stopWriting()
    expect(problems).toEqual([
      expect.stringContaining('received what was drawn'),
      expect.stringContaining('stored what was drawn'),
    ])
  })
})

describe(`whatever breaks, with seed ${SEED}`, () => {
  let openedAt: number | undefined
  let endsAt: number | undefined

  test.for(Array.from({ length: ROUNDS }, (_, i) => FIRST_ROUND + i))(
    'round %i loses nothing that was saved, and everything recovers',
    async (round, { skip }) => {
      endsAt ??= performance.now() + SECONDS * 1_000
      if (performance.now() > endsAt) skip()
      if (openedAt === undefined || round >= openedAt + ROUNDS_PER_BOARD) {
        await openBoards(SEED + round * BOARDS)
        openedAt = round
      }
      const plan = planRound(SEED, round, { world, boards })
      const before = boards.flatMap(({ edits }) => edits)
      const result = await runRound(plan, { world, boards })
      report.add(
        result,
        before,
        boards.flatMap(({ edits }) => edits),
      )
      if (result.problems.length === 0) return
      openedAt = undefined
      expect.fail(
        [
          ...result.problems,
          describePlan(plan),
          `Again: FAULT_SEED=${SEED} FAULT_FIRST_ROUND=${round} FAULT_ROUNDS=1 npm run test:faults`,
          world.logs,
        ].join('\n'),
      )
    },
  )
})
