import { BOARD_ROLES, type Presence, type ServerMessage } from '@mindfuse/protocol'
import { callApi, eventually, type SignedIn, type WhiteboardClient } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { testWith } from '../support/fixtures.ts'
import { addMember } from '../support/people.ts'

const test = testWith({ gateways: 2 })
  /** A `whiteboard.v1` connection that has been greeted. */
  .extend('tab', ({ whiteboard }) => async (gateway = 0, who?: SignedIn): Promise<Tab> => {
    const client = await whiteboard(gateway, who)
    const { connectionId } = await client.heard('hello')
    return Object.assign(client, { id: connectionId })
  })

interface Tab extends WhiteboardClient {
  id: string
}

const ofType = <Type extends ServerMessage['type']>(client: WhiteboardClient, type: Type) =>
  client.messages.filter(
    (message): message is Extract<ServerMessage, { type: Type }> => message.type === type,
  )

/** What a client was last told of a connection. */
const lastSeen = (client: WhiteboardClient, connectionId: string): Presence | undefined =>
  ofType(client, 'presence:sync')
    .flatMap(({ presences }) => presences)
    .findLast((presence) => presence.connectionId === connectionId)

const moveTo = (client: WhiteboardClient, x: number) =>
  client.say({ type: 'presence:update', cursor: { x, y: 0 }, selection: [] })

/** A cursor of `from` has come so far that everything it caused before has, too. */
async function settled(from: Tab, ...witnesses: WhiteboardClient[]): Promise<void> {
  const x = 1_000_000 + Math.random()
  moveTo(from, x)
  for (const witness of witnesses) {
    await eventually('the fence is seen', () => lastSeen(witness, from.id)?.cursor?.x === x)
  }
}

describe('a connection', () => {
  test('PRES-1: is greeted with who it is, what it may do and what it is held to', async ({
    whiteboard,
    alan,
  }) => {
    const client = await whiteboard(0, alan)
    const hello = await client.heard('hello')
    expect(client.messages[0]).toBe(hello)
    expect(hello).toEqual({
      type: 'hello',
      connectionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      user: { id: alan.user.id, name: alan.user.name },
      role: 'editor',
      canBroadcast: true,
      limits: {
        maxUpdateBytes: 16_777_216,
        maxSyncStep2Bytes: 16_777_216,
        maxAwarenessBytes: 65_536,
        maxPresenceBytes: 4_096,
        maxBoardBytes: 67_108_864,
        maxAssetBytes: 26_214_400,
        maxBoardAssetBytes: 1_073_741_824,
        maxUpdateClients: 1_000,
        maxUpdateParts: 1_000_000,
        maxTypeDepth: 200,
        maxBoardClients: 200_000,
        maxBoardParts: 2_000_000,
        maxBoardDeletes: 500_000,
        unsavedBytesPerUser: 16_777_216,
        openBoardBytesPerUser: 134_217_728,
        editsPerSecond: 100,
        editBurst: 400,
        editBytesPerSecond: 4_194_304,
        editByteBurst: 33_554_432,
        awarenessPerSecond: 60,
        awarenessBurst: 240,
        awarenessBytesPerSecond: 1_048_576,
        awarenessByteBurst: 4_194_304,
        presencePerSecond: 60,
        presenceBurst: 120,
        joinsPerSecond: 2,
        joinBurst: 20,
        maxBroadcastBytes: 16_384,
        broadcastsPerSecond: 30,
        broadcastBurst: 60,
        maxDraftBytes: 65_536,
        draftsPerConnection: 16,
        draftsPerSecond: 30,
        draftBurst: 60,
        draftBytesPerSecond: 131_072,
        draftByteBurst: 262_144,
        connectionsPerBoard: 2_000,
        connectionsPerUser: 100,
      },
      heartbeatSeconds: 30,
    })
    expect(BOARD_ROLES).toContain(hello.role)
  })

  test('that joins receives itself once, with everybody else', async ({ tab }) => {
    const one = await tab()
    await settled(one, one)
    const ofItself = ofType(one, 'presence:sync')
      .flatMap(({ presences }) => presences)
      .filter(({ connectionId }) => connectionId === one.id)
    expect(ofItself.filter(({ cursor }) => cursor === null)).toHaveLength(1)
  })

  test('PRES-2: that joins receives everybody at once, on either gateway', async ({
    tab,
    ada,
    alan,
  }) => {
    const [one, two] = [await tab(), await tab(1)]
    moveTo(one, 7)
    await settled(two, one)
    await eventually('gateway 1 knows', () => lastSeen(two, one.id)?.cursor?.x === 7)
    for (const gateway of [0, 1]) {
      const joiner = await tab(gateway, alan)
      const full = await joiner.heard('presence:sync', ({ full }) => full === true)
      const joins = ofType(joiner, 'presence:join')
      expect(joins).toEqual([
        {
          type: 'presence:join',
          userId: ada.user.id,
          user: { id: ada.user.id, name: ada.user.name },
        },
      ])
      expect(joiner.messages.indexOf(joins[0]!)).toBeLessThan(joiner.messages.indexOf(full))
      expect(full.presences).toHaveLength(3)
      expect(full.presences).toContainEqual({
        userId: ada.user.id,
        connectionId: one.id,
        cursor: { x: 7, y: 0 },
        selection: [],
        viewport: null,
      })
      expect(full.presences.map(({ connectionId }) => connectionId)).toEqual(
        expect.arrayContaining([one.id, two.id, joiner.id]),
      )
      // Whoever was there before hears that it came, and that it went before the next one comes.
      for (const witness of [one, two]) await witness.heard('presence:join')
      joiner.destroy()
      for (const witness of [one, two]) {
        await witness.heard('presence:leave', ({ userId }) => userId === alan.user.id)
        witness.messages.length = 0
      }
    }
  })

  test('PRES-7: of the stock provider counts as present', async ({ tab, stock, alan }) => {
    const witness = await tab()
    const client = stock(1, alan)
    await client.synced()
    const { user } = await witness.heard('presence:join', ({ userId }) => userId === alan.user.id)
    expect(user).toEqual({ id: alan.user.id, name: alan.user.name })
    const { presences } = await witness.heard('presence:sync', ({ presences }) =>
      presences.some(({ userId }) => userId === alan.user.id),
    )
    expect(presences[0]).toMatchObject({ cursor: null, selection: [], viewport: null })
    client.provider.disconnect()
    await witness.heard('presence:leave', ({ userId }) => userId === alan.user.id)
  })
})

test('PRES-3: several tabs of one person on two gateways are one join, and one leave after the last', async ({
  tab,
  alan,
}) => {
  const witnesses = [await tab(), await tab(1)]
  const tabs = [await tab(0, alan), await tab(1, alan), await tab(0, alan)]
  for (const each of tabs) await settled(each, ...witnesses)
  for (const witness of witnesses) {
    expect(ofType(witness, 'presence:join').map(({ userId }) => userId)).toEqual(
      // The first witness sees no join of its own person's second tab either.
      [alan.user.id],
    )
  }
  tabs[0]!.destroy()
  tabs[1]!.destroy()
  // The third can still be seen after both are gone, so what they caused has arrived.
  await eventually('both gateways count them out', async () => {
    const joiner = await tab(1)
    const { presences } = await joiner.heard('presence:sync', ({ full }) => full === true)
    joiner.destroy()
    return presences.filter(({ userId }) => userId === alan.user.id).length === 1
  })
  await settled(tabs[2]!, ...witnesses)
  for (const witness of witnesses) expect(ofType(witness, 'presence:leave')).toEqual([])

  tabs[2]!.destroy()
  for (const witness of witnesses) {
    await witness.heard('presence:leave')
    expect(ofType(witness, 'presence:leave')).toEqual([
      { type: 'presence:leave', userId: alan.user.id },
    ])
    expect(ofType(witness, 'presence:join')).toHaveLength(1)
  }
})

test('PRES-3, PRES-13: a name that a person chooses is that of their tabs on either gateway, said once', async ({
  tab,
  person,
  stack,
  boardId,
}) => {
  const grace = await person('grace')
  await addMember(stack, boardId, grace, 'editor')
  const witnesses = [await tab(), await tab(1)]
  const tabs = [await tab(0, grace), await tab(1, grace)]
  for (const each of tabs) await settled(each, ...witnesses)
  const name = 'Grace Hopper'
  await callApi(`${stack.apiUrl}/api/auth/me`, {
    ...{ token: grace.accessToken, method: 'PATCH', body: { name } },
  })
  const userId = grace.user.id
  for (const client of [...witnesses, ...tabs]) {
    await client.heard('presence:join', ({ user }) => user.name === name)
  }
  for (const each of tabs) await settled(each, ...witnesses)
  for (const witness of witnesses) {
    const names = ofType(witness, 'presence:join')
      .filter((join) => join.userId === userId)
      .map(({ user }) => user.name)
    expect(names).toEqual([grace.user.name, name])
  }
  const newer = await tab(1, await person('grace'))
  expect((await newer.heard('hello')).user.name).toBe(name)
  // With a token that has the former name, which is no news to anybody.
  await settled(await tab(1, grace), ...witnesses)
  const later = await tab(1)
  const { user } = await later.heard('presence:join', (join) => join.userId === userId)
  expect(user.name).toBe(name)
})

test('PRES-4: each tab has a cursor, selection and viewport of its own', async ({ tab, alan }) => {
  const witness = await tab(1)
  const [one, two] = [await tab(0, alan), await tab(0, alan)]
  one.say({ type: 'presence:update', cursor: { x: 1, y: 1 }, selection: ['a', 'b'] })
  two.say({ type: 'presence:viewport', x: 5, y: 6, zoom: 0.5 })
  two.say({ type: 'presence:update', cursor: null, selection: ['c'] })
  await eventually('both are seen', () =>
    [one, two].every(({ id }) => (lastSeen(witness, id)?.selection.length ?? 0) > 0),
  )
  expect(lastSeen(witness, one.id)).toEqual({
    userId: alan.user.id,
    connectionId: one.id,
    cursor: { x: 1, y: 1 },
    selection: ['a', 'b'],
    viewport: null,
  })
  expect(lastSeen(witness, two.id)).toEqual({
    userId: alan.user.id,
    connectionId: two.id,
    cursor: null,
    selection: ['c'],
    viewport: { x: 5, y: 6, zoom: 0.5 },
  })
  // The viewport stays while the cursor moves.
  moveTo(two, 9)
  await eventually('it moves', () => lastSeen(witness, two.id)?.cursor?.x === 9)
  expect(lastSeen(witness, two.id)?.viewport).toEqual({ x: 5, y: 6, zoom: 0.5 })
})

describe('many updates at once', () => {
  test('PRES-6: arrive as few frames, with the newest state', async ({ tab, alan }) => {
    const watchers = [await tab(), await tab(1)]
    const mover = await tab(0, alan)
    await settled(mover, ...watchers)
    for (const watcher of watchers) watcher.messages.length = 0
    for (let x = 1; x <= 50; x++) moveTo(mover, x)
    for (const watcher of watchers) {
      await eventually('the newest arrives', () => lastSeen(watcher, mover.id)?.cursor?.x === 50)
      const frames = ofType(watcher, 'presence:sync').filter(({ presences }) =>
        presences.some(({ connectionId }) => connectionId === mover.id),
      )
      expect(frames.length).toBeLessThanOrEqual(5)
    }
  })

  test('LIM-4: over the rate still end in the newest state, and a cursor drops no viewport', async ({
    tab,
    alan,
  }) => {
    const watcher = await tab(1)
    const mover = await tab(0, alan)
    for (let x = 1; x <= 200; x++) moveTo(mover, x)
    mover.say({ type: 'presence:viewport', x: 3, y: 4, zoom: 2 })
    for (let x = 201; x <= 400; x++) moveTo(mover, x)
    await eventually('the newest arrives', () => {
      const seen = lastSeen(watcher, mover.id)
      return seen?.cursor?.x === 400 && seen.viewport?.x === 3
    })
    expect(mover.closed).toBeUndefined()
  })

  test('AUTH-10: over the rate drop no token', async ({ tab, alan }) => {
    const mover = await tab(0, alan)
    for (let x = 1; x <= 200; x++) moveTo(mover, x)
    mover.say({ type: 'auth:refresh', token: 'spent' })
    for (let x = 201; x <= 400; x++) moveTo(mover, x)
    expect(await mover.heard('error')).toEqual({ type: 'error', code: 'token_invalid' })
  })
})
