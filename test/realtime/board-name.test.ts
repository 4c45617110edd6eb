import type { SharedState } from '@mindfuse/shared-state'
import type { WhiteboardClient } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { testWith } from '../support/fixtures.ts'

/** Bound of the sweep that makes up for lost events, milliseconds. */
const SWEEP_MS = 500

let losesEvents = false
const spoil = (sharedState: SharedState): SharedState => ({
  ...sharedState,
  events: {
    ...sharedState.events,
    subscribe: (listener) =>
      sharedState.events.subscribe((message) => {
        if (!losesEvents) listener(message)
      }),
  },
})

/** @param options how often gateways check all connections */
const testOn = (options: { sweepIntervalMs?: number }) =>
  testWith({ gateways: 2, spoil, ...options })
    .extend('rename', ({ as, ada, boardId }) => async (name: string, change = {}) => {
      const path = `/api/boards/${boardId}`
      const { status } = await as(ada, path, { method: 'PATCH', body: { name, ...change } })
      expect(status).toBe(200)
    })
    .extend('withoutEvents', ({ atEnd }) => () => {
      losesEvents = true
      atEnd(() => {
        losesEvents = false
      })
    })

const test = testOn({})
const sweptTest = testOn({ sweepIntervalMs: SWEEP_MS })

/** All names that a client was sent, one after the other. */
const namesOf = ({ messages }: WhiteboardClient) =>
  messages.flatMap((message) => {
    if (message.type === 'hello') return message.boardName ?? []
    return message.type === 'board:name' ? message.name : []
  })

const called = (client: WhiteboardClient, name: string) =>
  expect.poll(() => namesOf(client).at(-1)).toBe(name)

describe('the name of a board', () => {
  test('NAME-1: is sent to who joins, and once to all on either gateway when it changes', async ({
    whiteboard,
    rename,
    as,
    ada,
    alan,
    boardId,
    newBoard,
  }) => {
    const { body } = await as(ada, `/api/boards/${boardId}`)
    const { name: first } = body as { name: string }
    const elsewhere = await whiteboard(0, ada, await newBoard())
    const clients = [await whiteboard(0, ada), await whiteboard(1, ada), await whiteboard(1, alan)]
    for (const client of clients) await called(client, first)
    for (const name of ['Größe 📐', '100 % “done”']) {
      await rename(name)
      for (const client of clients) await called(client, name)
    }
    for (const client of clients) {
      expect(namesOf(client)).toEqual([first, 'Größe 📐', '100 % “done”'])
    }
    expect(namesOf(elsewhere)).toHaveLength(1)
    const newcomer = await whiteboard(1, alan)
    expect((await newcomer.heard('hello')).boardName).toBe('100 % “done”')
  })

  test('NAME-1: is not sent again with changes that leave it as it is', async ({
    whiteboard,
    rename,
    as,
    ada,
    boardId,
  }) => {
    const client = await whiteboard(0, ada)
    await rename('As before')
    await called(client, 'As before')
    await rename('As before', { viewersCanBroadcast: false })
    await as(ada, `/api/boards/${boardId}`, { method: 'PATCH', body: { thumbnailUrl: null } })
    await rename('Another')
    await called(client, 'Another')
    expect(namesOf(client).slice(-2)).toEqual(['As before', 'Another'])
  })

  test('NAME-3: is nothing to a stock client, which goes on', async ({
    raw,
    stock,
    whiteboard,
    rename,
    alan,
  }) => {
    const { socket, frames } = await raw(0, alan)
    const texts: string[] = []
    socket.on('message', (data, isBinary) => {
      if (!isBinary) texts.push(data.toString())
    })
    const client = stock(0, alan)
    await client.synced()
    const other = await whiteboard(0)
    await rename('Not for stock')
    await called(other, 'Not for stock')
    const before = frames.length
    // An edit arrives after everything that was sent before.
    client.doc.getMap('shapes').set('a', 1)
    await expect.poll(() => frames.length).toBeGreaterThan(before)
    expect(texts).toEqual([])
    expect(client.provider.wsconnected).toBe(true)
  })

  test('NAME-2: is what a client is sent that was away while the event was lost', async ({
    whiteboard,
    rename,
    withoutEvents,
    ada,
  }) => {
    const before = await whiteboard(0, ada)
    await before.heard('board:size')
    before.socket.close()
    withoutEvents()
    await rename('Meanwhile')
    await called(await whiteboard(0, ada), 'Meanwhile')
  })

  sweptTest(
    'NAME-2: reaches who stayed although the event was lost',
    async ({ whiteboard, rename, withoutEvents, ada, alan }) => {
      const clients = [await whiteboard(0, ada), await whiteboard(1, alan)]
      for (const client of clients) await client.heard('board:size')
      withoutEvents()
      await rename('Found by the sweep')
      for (const client of clients) await called(client, 'Found by the sweep')
    },
  )
})
