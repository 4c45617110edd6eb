import { eventually, startTcpProxy } from '@mindfuse/testing'
import { expect, vi } from 'vitest'
import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket'
import { Doc } from 'yjs'
import { test as base } from '../support/fixtures.ts'
import { addMember } from '../support/people.ts'
import { shortLivedToken } from '../support/short-lived-token.ts'

// What README.md shows; it has no types.
const path = '../../examples/stock-provider.mjs'
const { connectProvider } = (await import(path)) as {
  connectProvider(from: typeof WebsocketProvider, recipe: object): WebsocketProvider
}

/** Life of tokens that end soon, seconds. */
const LIFE_SECONDS = 3

const test = base
  .extend('network', async ({ stack }, { onCleanup }) => {
    const proxy = await startTcpProxy(stack.realtimeUrl)
    onCleanup(() => proxy.stop())
    return { url: proxy.through(stack.realtimeUrl), cut: () => proxy.cut() }
  })
  .extend('connect', ({ network, boardId, atEnd }) => {
    return (token: string, { getToken = async () => token, room = boardId } = {}) => {
      const doc = new Doc()
      const reports: string[] = []
      const provider = connectProvider(WebsocketProvider, {
        ...{ url: network.url, boardId: room, doc, token, getToken },
        report: (reason: string) => void reports.push(reason),
        // Or clients of one test would sync past the gateway.
        options: { WebSocketPolyfill: WebSocket, disableBc: true },
      })
      atEnd(() => {
        provider.destroy()
        doc.destroy()
      })
      return { doc, provider, reports, shapes: doc.getMap('shapes') }
    }
  })

test('it draws on after the end of its token, and reconnects with the last one it got, with none in the URL', async ({
  stack,
  ada,
  alan,
  connect,
  network,
}) => {
  const other = connect(alan.accessToken)
  const { token, endsAt } = await shortLivedToken(stack, ada, LIFE_SECONDS)
  // Once: then whoever issues tokens is out of reach.
  const getToken = vi
    .fn()
    .mockResolvedValueOnce(ada.accessToken)
    .mockRejectedValue(new Error('down'))
  const { provider, shapes, reports } = connect(token, { getToken })
  await eventually('the board is open', () => provider.synced)
  expect(provider.url).not.toContain(token)
  await eventually('the token has ended', () => Date.now() > endsAt + 1_000)
  shapes.set('after', true)
  await eventually('the edit is there', () => other.shapes.has('after'))

  for (const attempt of [1, 2]) {
    const disconnected = new Promise((resolve) => provider.once('connection-close', resolve))
    network.cut()
    await disconnected
    shapes.set(`meanwhile-${attempt}`, true)
    await eventually('it has reconnected', () => other.shapes.has(`meanwhile-${attempt}`))
  }
  expect(reports).toEqual([])
})

test('it reports why a connection is refused, and why one is closed', async ({
  ada,
  viewer,
  boardId,
  stack,
  as,
  connect,
}) => {
  const nowhere = connect(ada.accessToken, { room: '00000000-0000-4000-8000-000000000000' })
  await eventually('the refusal is explained', () => nowhere.reports.length > 0)
  expect(nowhere.reports[0]).toMatch(/board/i)

  await addMember(stack, boardId, viewer, 'viewer')
  const { provider, reports } = connect(viewer.accessToken)
  await eventually('the board is open', () => provider.synced)
  const removed = await as(ada, `/api/boards/${boardId}/members/${viewer.user.id}`, {
    method: 'DELETE',
  })
  expect(removed.status).toBe(204)
  await eventually('the connection is closed', () => !provider.wsconnected)
  await eventually('it is reported', () => reports.length > 0)
  expect(reports[0]).toMatch(/access/i)
  expect(provider.shouldConnect).toBe(false)
})
