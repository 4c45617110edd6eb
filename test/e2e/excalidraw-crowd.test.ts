import { isDeepStrictEqual } from 'node:util'
import { signIn, startTcpProxy, type TcpProxy } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { test as base, EXAMPLE_TIMEOUT_MS } from '../support/excalidraw-fixtures.ts'
import { RandomDrawer, randomFrom, type ShownElement, shownBy } from '../support/random-drawer.ts'
import { chromium } from '../support/web-fixtures.ts'

const ACTIONS_EACH = 20
const SEEDS = [1, 3, 11]

const test = base
  .extend('reactRelease', { scope: 'file' }, 19)
  .extend('sockets', { scope: 'file' }, 'ws://localhost:* http://localhost:*')
  /** Opens the board in the page of a person who draws, behind a proxy of their own. */
  .extend('drawer', ({ gatewayUrl, visit, pageUrl, boardId }, { onCleanup }) => {
    const proxies: TcpProxy[] = []
    onCleanup(async () => {
      await Promise.all(proxies.map((proxy) => proxy.stop()))
    })
    return async (email: string, random: () => number) => {
      const proxy = await startTcpProxy(gatewayUrl)
      proxies.push(proxy)
      const { page, complaints } = await visit(email)
      await page.addInitScript(`
        const { WebSocket } = window
        window.WebSocket = class extends WebSocket {
          constructor(url, protocols) {
            super(url.replace('${new URL(gatewayUrl).port}', '${proxy.port}'), protocols)
          }
        }`)
      await page.goto(`${pageUrl}/?board=${boardId}`)
      await page.getByText('Saved', { exact: true }).waitFor()
      const drawer = new RandomDrawer(page, random)
      return { drawer, proxy, page, complaints, random }
    }
  })

/** The scene as the server has it. */
async function exported(baseUrl: string, boardId: string): Promise<ShownElement[]> {
  const { accessToken } = await signIn(baseUrl, 'ada@example.com')
  const response = await fetch(`${baseUrl}/api/boards/${boardId}/export`, {
    headers: {
      authorization: `Bearer ${accessToken}`,
      accept: 'application/vnd.excalidraw+json',
    },
  })
  expect(response.status).toBe(200)
  return ((await response.json()) as { elements: ShownElement[] }).elements
}

/** What each editor has of its own. */
const OWN = new Set(['version', 'versionNonce', 'updated', 'status', 'lastCommittedPoint'])

/** Excalidraw gives up what has none when the pointer is up, and others have seen it until then. */
const hasSize = ({ width, height }: ShownElement) => width !== 0 || height !== 0

/** What a browser says of a connection that is cut. */
const NETWORK = /WebSocket|ERR_|status of 426/

/** Elements as everybody should have them; what is bound to them is in no order. */
function comparable(elements: readonly object[]): object[] {
  return elements.map((element) => {
    const shared = Object.entries(element).filter(([name]) => !OWN.has(name))
    const { boundElements, ...rest } = Object.fromEntries(shared)
    const bound = (boundElements ?? []) as { id: string }[]
    return { ...rest, boundElements: bound.map(({ id }) => id).sort() }
  })
}

describe.skipIf(!chromium)('three people', { timeout: 2 * EXAMPLE_TIMEOUT_MS }, () => {
  test.for(SEEDS)(
    'who draw at random on connections that are cut have one scene, and lose nothing (%i)',
    async (seed, { drawer, remotely, baseUrl, boardId }) => {
      const ada = await remotely('ada@example.com')
      const { token } = await ada('POST', `/boards/${boardId}/invite`, { role: 'editor' })
      const grace = await remotely('grace@example.com')
      await grace('POST', `/invites/${token}/accept`, {})
      const people = await Promise.all(
        ['ada', 'alan', 'grace'].map((name, i) =>
          drawer(`${name}@example.com`, randomFrom(seed * 10 + i)),
        ),
      )
      const made = new Set<string>()
      const removed = new Set<string>()
      await Promise.all(
        people.map(async ({ drawer, proxy, page, random }) => {
          await page.mouse.click(1_000, 650)
          for (let i = 0; i < ACTIONS_EACH; i++) {
            const chance = random()
            if (chance < 0.15) proxy.refuse()
            else if (chance < 0.4) {
              proxy.pass()
              await page.evaluate("dispatchEvent(new Event('online'))")
            }
            const outcome = await drawer.act()
            for (const { id } of outcome.shown.filter(hasSize)) made.add(id)
            for (const id of outcome.removed) removed.add(id)
          }
        }),
      )
      for (const { proxy, page } of people) {
        proxy.pass()
        await page.keyboard.press('Escape')
        await page.mouse.click(1_190, 790)
      }
      for (const { page } of people) {
        await expect
          .poll(async () => {
            await page.evaluate("dispatchEvent(new Event('online'))")
            return page.locator('output').textContent()
          })
          .toBe('Saved')
      }
      const scenes = async () => {
        const shown = await Promise.all(people.map(({ page }) => shownBy(page)))
        return [await exported(baseUrl, boardId), ...shown].map(comparable)
      }
      // Excalidraw gives elements of one place others, which is an edit once more.
      await expect
        .poll(async () => {
          const [stored, ...shown] = await scenes()
          return shown.every((scene) => isDeepStrictEqual(scene, stored))
        })
        .toBe(true)
      for (const { complaints } of people) {
        expect(complaints.filter((complaint) => !NETWORK.test(complaint))).toEqual([])
      }
      const kept = [...made].filter((id) => !removed.has(id))
      const stored = (await exported(baseUrl, boardId)).map(({ id }) => id)
      expect(stored).toEqual(expect.arrayContaining(kept))
    },
  )
})
