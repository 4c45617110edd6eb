import { eventually, type SignedIn, startTcpProxy } from '@mindfuse/testing'
import { afterAll, describe, expect } from 'vitest'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { testWith } from '../support/fixtures.ts'
import { addMember } from '../support/people.ts'
import { shortLivedToken } from '../support/short-lived-token.ts'
import { WEB_ORIGIN } from '../support/stack.ts'
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

/** Of pages on the host of the gateway, where the session cookie is. */
const SAME_HOST_ORIGIN = 'http://localhost:3000'

const chromium = await findChromium()

const test = testWith({ webOrigins: [WEB_ORIGIN, SAME_HOST_ORIGIN] })
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from it that nothing is needed
  .extend('openPage', { scope: 'file' }, async ({}, { onCleanup }) => {
    const browser = await launchChromium(chromium!)
    onCleanup(() => browser.close())
    return createPages(browser)
  })
  /** A place where one user opens clients, one after the other. */
  .extend('startUser', ({ openPage, atEnd }) => async (row: Row, { browser }: SignedIn) => {
    const { binding, runsIn, hasSession } = row
    if (runsIn === 'Node') return { open: (place: Place) => openInNode(binding, place) }
    const user = hasSession
      ? await openPage(binding, SAME_HOST_ORIGIN, browser.cookies)
      : await openPage(binding)
    atEnd(user.close)
    return user
  })
  .extend('people', async ({ stack, boardId, ada, alan, viewer }) => {
    await addMember(stack, boardId, viewer, 'viewer')
    return { Ada: ada, Alan: alan, Vera: viewer } satisfies Record<UserName, SignedIn>
  })
  .extend('sceneOf', ({ stack, boardId, people, atEnd, startUser }) => (row: Row): Scene => {
    const windows: Window[] = []
    return {
      async open(userName, token = people[userName].accessToken) {
        const network = await startTcpProxy(stack.realtimeUrl)
        atEnd(() => network.stop())
        const user = await startUser(row, people[userName])
        const realtimeUrl = Object.assign(new URL(network.through(stack.realtimeUrl)), {
          ...(row.hasSession && { hostname: 'localhost' }),
        }).href
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
      shortLivedToken: () => shortLivedToken(stack, people.Ada, LIFE_SECONDS),
      freshToken: people.Ada.accessToken,
      hasSession: row.hasSession ?? false,
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
