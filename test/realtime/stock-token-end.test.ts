import { connectStockClient, eventually, type SignedIn, startTcpProxy } from '@mindfuse/testing'
import { expect } from 'vitest'
import { test as base } from '../support/fixtures.ts'
import { shortLivedToken } from '../support/short-lived-token.ts'

/** Life of an access token; `.ci/long` takes 2 minutes. */
const LIFE_SECONDS = Number(process.env.STOCK_TOKEN_SECONDS ?? 5)

/** How long somebody draws, seconds; `.ci/long` takes 10 minutes. */
const DRAWN_SECONDS = Number(process.env.STOCK_DRAWN_SECONDS ?? 18)

/** How often they draw, milliseconds. */
const EDIT_INTERVAL_MS = 100

const test = base
  /** The gateway, over a network that can be cut. */
  .extend('network', async ({ stack }, { onCleanup }) => {
    const proxy = await startTcpProxy(stack.realtimeUrl)
    onCleanup(() => proxy.stop())
    return { url: proxy.through(stack.realtimeUrl), cut: () => proxy.cut() }
  })
  /** The subprotocols of an application that sends a token with each of its attempts. */
  .extend('protocolsOf', ({ stack }) => async (person: SignedIn) => {
    const { token } = await shortLivedToken(stack, person, LIFE_SECONDS)
    return ['yjs', `bearer.${token}`]
  })

test(`AUTH-13: y-websocket draws for ${DRAWN_SECONDS} s on tokens of ${LIFE_SECONDS} s and loses nothing`, {
  timeout: DRAWN_SECONDS * 1_000 + 30_000,
}, async ({ boardId, ada, network, protocolsOf, readStored, clients }) => {
  const stock = clients.keep(
    connectStockClient({ realtimeUrl: network.url, boardId, protocols: await protocolsOf(ada) }),
  )
  const { provider, doc } = stock
  const closes: (number | undefined)[] = []
  let isOpen = false
  provider.on('status', ({ status }) => {
    isOpen ||= status === 'connected'
  })
  provider.on('connection-close', async (event) => {
    // An attempt with the token before, because the newer one took longer than the pause, is none.
    if (isOpen) closes.push(event?.code)
    isOpen = false
    // The recipe: a newer token for each reconnect.
    provider.protocols = await protocolsOf(ada)
  })
  await stock.synced()

  let drawn = 0
  const drawing = setInterval(() => {
    doc.getMap('shapes').set(`${drawn++}`, true)
  }, EDIT_INTERVAL_MS)
  const startedAt = Date.now()
  const after = (share: number) =>
    eventually(
      `${share} of the time is over`,
      () => Date.now() - startedAt >= share * DRAWN_SECONDS * 1_000,
      DRAWN_SECONDS * 1_000,
    )
  for (const [i, share] of [1 / 3, 2 / 3].entries()) {
    await after(share)
    // Each token has ended by then, and the connection has not.
    expect(closes).toHaveLength(i)
    network.cut()
  }
  await after(1)
  clearInterval(drawing)
  await stock.synced()
  await eventually(
    'every edit is stored',
    async () => Object.keys(await readStored()).length === drawn,
  )
  expect(closes).toEqual([1006, 1006])
  expect(provider.url).toBe(`${network.url}/${boardId}`)
})
