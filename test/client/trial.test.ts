import type { Board } from '@mindfuse/client'
import { eventually, type SignedIn } from '@mindfuse/testing'
import fc from 'fast-check'
import { expect } from 'vitest'
import { converged, createIndexedDb, draw, shapesOf } from '../support/sdk.ts'
import { proxiedTest } from '../support/sdk-fixtures.ts'

/** How many orders of faults are tried; `SDK_TRIALS` and `FAULT_SEED` repeat a run. */
const TRIALS = Number(process.env.SDK_TRIALS ?? 4)

/** How long everything may take to heal after the last fault, milliseconds. */
const HEAL_MS = 40_000

const test = proxiedTest
  .extend(
    'missing',
    ({ readStored }) =>
      async (boardId: string, shapes: string[]): Promise<string[]> => {
        const stored = await eventually('the API answers', () => readStored(boardId), HEAL_MS)
        return shapes.filter((shape) => !(shape in stored))
      },
  )
  .extend('openTab', ({ connect, missing }) => (person: SignedIn, boardId: string): Tab => {
    const indexedDB = createIndexedDb()
    const open = () => {
      const client = connect(person, {
        userId: person.user.id,
        heartbeatSeconds: 2,
        environment: { indexedDB, BroadcastChannel: undefined },
      })
      const board = client.board(boardId)
      board.on('saved', (isSaved) => {
        if (isSaved) broken.push(missing(boardId, [...tab.drawn]))
      })
      return board
    }
    const tab: Tab = {
      board: undefined as unknown as Board,
      drawn: [],
      async reload() {
        await tab.board.close()
        tab.board = open()
      },
    }
    tab.board = open()
    return tab
  })
  .extend(
    'inflict',
    ({ proxy, stack }) =>
      async (fault: (typeof FAULTS)[number], tabs: Tab[]): Promise<void> => {
        proxy.pass()
        switch (fault) {
          case 'cut':
            proxy.cut()
            break
          case 'stall':
            proxy.stall()
            break
          case 'refuse':
            proxy.refuse()
            break
          case 'api':
            await stack.stopApi()
            await stack.startApi()
            break
          case 'gateway':
            await stack.restartGateway()
            break
          case 'reload':
            await tabs[0]?.reload()
            break
        }
      },
  )

const FAULTS = ['cut', 'stall', 'refuse', 'api', 'gateway', 'reload'] as const

/** Faults in some order, and who draws how often after each. */
const rounds = fc.array(
  fc.record({
    fault: fc.constantFrom(...FAULTS),
    drawn: fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 6 }),
  }),
  { minLength: 8, maxLength: 8 },
)

/** Somebody who may reload the page, and what they drew. */
interface Tab {
  board: Board
  drawn: string[]
  reload(): Promise<void>
}

/** Shapes that a board called saved and that were not stored, once that was looked up. */
const broken: Promise<string[]>[] = []

test(
  'whatever fails in whatever order, saved is true only of what is stored, and all is there in the end',
  async ({ newBoard, ada, alan, openTab, inflict, proxy, readStored }) => {
    const seed = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31))
    await fc.assert(
      fc.asyncProperty(rounds, async (plan) => {
        const boardId = await newBoard()
        const tabs = [ada, alan, alan].map((person) => openTab(person, boardId))
        for (const { fault, drawn } of plan) {
          await inflict(fault, tabs)
          for (const index of drawn) {
            const tab = tabs[index]!
            tab.drawn.push(draw(tab.board))
            await new Promise(setImmediate)
          }
          if (fault !== 'stall' && fault !== 'refuse') continue
          await eventually('somebody noticed', () =>
            tabs.some(({ board }) => board.status.kind !== 'online'),
          )
        }
        proxy.pass()
        for (const { board } of tabs) board.connect()
        await Promise.all(
          tabs.map(({ board }) =>
            eventually(
              'all is saved',
              () => board.saved && board.status.kind === 'online',
              HEAL_MS,
            ),
          ),
        )
        const all = tabs.flatMap(({ drawn }) => drawn).sort()
        await eventually('all see all of it', () =>
          tabs.every(({ board }) => Object.keys(shapesOf(board)).length === all.length),
        )
        expect(Object.keys(await converged(tabs.map(({ board }) => board))).sort()).toEqual(all)
        expect(Object.keys(await readStored(boardId)).sort()).toEqual(all)
        expect(broken.length).toBeGreaterThan(0)
        expect((await Promise.all(broken.splice(0))).flat()).toEqual([])
      }),
      { numRuns: TRIALS, seed, endOnFailure: true },
    )
  },
  60_000 * TRIALS,
)
