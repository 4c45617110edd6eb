import { eventually, type SignedIn, startTcpProxy } from '@mindfuse/testing'
import { afterAll, describe, expect } from 'vitest'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { test as base } from '../support/fixtures.ts'
import { shortLivedToken } from '../support/short-lived-token.ts'
import type { Place } from './client.ts'
import { knownFault } from './known-faults.ts'
import { openInNode } from './node-clients.ts'
import { createPages } from './pages.ts'
import { type Outcome, packagesOf, type Result, readResults, writeResults } from './results.ts'
import { ROWS, type Row } from './rows.ts'
import {
  type Scene,
  TRIAL_NAMES,
  TRIALS,
  type TrialName,
  type UserName,
  type Window,
} from './trials.ts'

/** Life of the tokens that end soon: opening two editors takes a slow machine a while. */
const LIFE_SECONDS = 8

/** How long a window may take until it shows the board, milliseconds. */
const OPENS_MS = 20_000

const chromium = await findChromium()

const test = base
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from it that nothing is needed
  .extend('openPage', { scope: 'file' }, async ({}, { onCleanup }) => {
    const browser = await launchChromium(chromium!)
    onCleanup(() => browser.close())
    return createPages(browser)
  })
  /** A place where one user opens clients, one after the other. */
  .extend('startUser', ({ openPage, atEnd }) => async ({ binding, runsIn }: Row) => {
    if (runsIn === 'Node') return { open: (place: Place) => openInNode(binding, place) }
    const user = await openPage(binding)
    atEnd(user.close)
    return user
  })
  .extend('sceneOf', ({ stack, boardId, ada, alan, atEnd, startUser }) => (row: Row): Scene => {
    const people: Record<UserName, SignedIn> = { Ada: ada, Alan: alan }
    const windows: Window[] = []
    return {
      async open(userName, token = people[userName].accessToken) {
        const network = await startTcpProxy(stack.realtimeUrl)
        atEnd(() => network.stop())
        const user = await startUser(row)
        const realtimeUrl = network.through(stack.realtimeUrl)
        const place = { realtimeUrl, boardId, token, userName }
        const window: Window = {
          client: await user.open(place),
          network,
          async reload() {
            await window.client.close()
            window.client = await user.open(place)
          },
        }
        windows.push(window)
        atEnd(() => window.client.close())
        await eventually('the board is open', () => window.client.isSynced(), OPENS_MS)
        return window
      },
      shortLivedToken: () => shortLivedToken(stack, ada, LIFE_SECONDS),
      freshToken: ada.accessToken,
      isPersistent: row.isPersistent ?? false,
      complaints: () => windows.flatMap(({ client }) => client.complaints()),
    }
  })

const recorded = readResults()
const found: Record<string, Result> = {}
afterAll(() => {
  if (process.env.CLIENTS_WRITE) writeResults(found)
})

/** What a trial found; a failure that nobody knows of is the test's own. */
async function outcomeOf(row: Row, trial: TrialName, scene: Scene): Promise<Outcome> {
  const known = knownFault(row.name, trial)
  try {
    const condition = await TRIALS[trial](scene)
    return { works: true, ...(condition && { with: condition }) }
  } catch (error) {
    if (known?.at.test(`${error}`)) return { works: false, because: known.reason }
    throw new Error([error, ...new Set(scene.complaints())].join('\n'), { cause: error })
  }
}

const isNodeOnly = process.env.CLIENTS_IN === 'Node'
const rows = ROWS.filter(({ runsIn }) => runsIn === 'Node' || (chromium && !isNodeOnly))

describe.concurrent.each(rows)('$name', (row) => {
  test.for(TRIAL_NAMES)('%s', async (trial, { sceneOf }) => {
    const outcome = await outcomeOf(row, trial, sceneOf(row))
    found[row.name] ??= { packages: packagesOf(row), outcomes: {} as Result['outcomes'] }
    found[row.name]!.outcomes[trial] = outcome
    if (!process.env.CLIENTS_WRITE) expect(outcome).toEqual(recorded[row.name]?.outcomes[trial])
  })
})
