import {
  AWARENESS_GONE,
  CLOSE_CODES,
  decodeFrame,
  encodeAwareness,
  encodeSyncStep2,
  encodeUpdate,
} from '@mindfuse/protocol'
import {
  type AwarenessState,
  awarenessFrame,
  awarenessStates,
  eventually,
  type RawClient,
  type StockClient,
} from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { Doc, encodeStateAsUpdate } from 'yjs'
import { test } from '../support/fixtures.ts'
import { addMember } from '../support/people.ts'

const say = (client: RawClient, ...states: AwarenessState[]) =>
  client.socket.send(awarenessFrame(...states))

/** All that a raw client heard of awareness, in order. */
function heard(client: RawClient): AwarenessState[] {
  return client.frames.map(decodeFrame).flatMap((frame) => {
    return frame.kind === 'awareness' ? awarenessStates(frame.update) : []
  })
}

/** What a raw client heard last of an awareness client. */
const lastHeard = (client: RawClient, clientId: number) =>
  heard(client).findLast((entry) => entry.clientId === clientId)

/** Waits until everything that a client sent so far is dealt with: its frames are, in order. */
async function settled(client: RawClient): Promise<void> {
  const fence = { clientId: 4_000_000_000, clock: Date.now(), state: '"fence"' }
  say(client, fence)
  await eventually('the fence comes back', () =>
    heard(client).some(
      ({ clientId, clock }) => clientId === fence.clientId && clock === fence.clock,
    ),
  )
}

/** What a stock client knows of another's awareness. */
const seenBy = (client: StockClient, other: StockClient) =>
  client.provider.awareness.getStates().get(other.doc.clientID)

describe('awareness', () => {
  test('AW-1: stock providers see each other join, change and leave', async ({
    syncedStock,
    alan,
  }) => {
    const adaHere = await syncedStock()
    const alanHere = await syncedStock(0, alan)
    adaHere.provider.awareness.setLocalStateField('name', 'Ada')
    alanHere.provider.awareness.setLocalStateField('name', 'Alan')
    await eventually('ada sees alan', () => seenBy(adaHere, alanHere)?.name === 'Alan')
    await eventually('alan sees ada', () => seenBy(alanHere, adaHere)?.name === 'Ada')

    adaHere.provider.awareness.setLocalStateField('cursor', { x: 1, y: 2 })
    await eventually('alan sees her move', () => seenBy(alanHere, adaHere)?.cursor)
    expect(seenBy(alanHere, adaHere)).toEqual({ name: 'Ada', cursor: { x: 1, y: 2 } })

    adaHere.provider.awareness.setLocalState(null)
    await eventually('alan sees her leave', () => !seenBy(alanHere, adaHere))
    alanHere.provider.disconnect()
    await eventually('ada sees him leave', () => !seenBy(adaHere, alanHere))
  })

  test('AW-7: a joiner receives the present states before it sends anything', async ({
    syncedStock,
    raw,
  }) => {
    const adaHere = await syncedStock()
    const { awareness } = adaHere.provider
    awareness.setLocalState({ name: 'Ada' })
    const clock = awareness.meta.get(adaHere.doc.clientID)!.clock
    const watcher = await raw()
    await eventually('her state is known', () => heard(watcher).some((it) => it.clock === clock))

    const joiner = await raw()
    const entry = await eventually('the joiner is told', () => heard(joiner)[0])
    expect(entry).toEqual({ clientId: adaHere.doc.clientID, clock, state: '{"name":"Ada"}' })

    const late = await syncedStock()
    await eventually('a stock joiner sees her', () => seenBy(late, adaHere)?.name === 'Ada')
  })

  test('AW-7: is sent on request', async ({ raw }) => {
    const client = await raw()
    const mine = { clientId: 1, clock: 1, state: '{"a":1}' }
    say(client, mine)
    await settled(client)
    const before = heard(client).length
    client.socket.send(Uint8Array.of(3))
    await eventually('it is told', () => heard(client).length > before)
    expect(heard(client).slice(before)).toContainEqual(mine)
  })

  test('AW-1: comes back to its sender, who takes it as a sign of life', async ({ raw }) => {
    const client = await raw()
    const mine = { clientId: 1, clock: 1, state: '{"a":1}' }
    say(client, mine)
    await eventually('the echo arrives', () => lastHeard(client, 1))
    expect(lastHeard(client, 1)).toEqual(mine)
  })

  test('AW-5: a line that breaks without a word is a leave', async ({ raw }) => {
    const witness = await raw()
    const client = await raw()
    say(client, { clientId: 1, clock: 5, state: '{}' }, { clientId: 2, clock: 7, state: '{}' })
    await eventually('the witness sees both', () => [1, 2].every((id) => lastHeard(witness, id)))
    client.socket.terminate()
    await eventually('the witness sees both leave', () =>
      [1, 2].every((id) => lastHeard(witness, id)?.state === AWARENESS_GONE),
    )
    // Below its last clock nobody would believe it.
    expect(lastHeard(witness, 1)?.clock).toBeGreaterThan(5)
    expect(lastHeard(witness, 2)?.clock).toBeGreaterThan(7)
  })

  test('AW-2: of another person cannot be forged: not changed, and not removed', async ({
    syncedStock,
    raw,
    alan,
  }) => {
    const adaHere = await syncedStock()
    const { awareness } = adaHere.provider
    awareness.setLocalState({ name: 'Ada' })
    const clientId = adaHere.doc.clientID
    const { clock } = awareness.meta.get(clientId)!

    const alanHere = await raw(0, alan)
    await eventually('alan sees her', () => heard(alanHere).some((it) => it.clock === clock))
    const witness = await syncedStock()
    await eventually('the witness sees her', () => seenBy(witness, adaHere)?.name === 'Ada')

    say(alanHere, { clientId, clock: clock + 10, state: '{"name":"Eve"}' })
    say(alanHere, { clientId, clock: clock + 20, state: AWARENESS_GONE })
    await settled(alanHere)
    expect(lastHeard(alanHere, clientId)).toEqual({ clientId, clock, state: '{"name":"Ada"}' })
    const state = (it: StockClient) => it.provider.awareness.getStates()
    await eventually('the fence reaches the witness', () => state(witness).has(4_000_000_000))
    expect(seenBy(witness, adaHere)).toEqual({ name: 'Ada' })
    expect(awareness.meta.get(clientId)!.clock).toBe(clock)

    alanHere.destroy()
    await eventually('alan has left', () => !state(witness).has(4_000_000_000))
    expect(seenBy(witness, adaHere)).toEqual({ name: 'Ada' })
  })

  test('BAD-2: that would throw in every client closes its sender with 4400, and reaches nobody', async ({
    syncedStock,
    raw,
  }) => {
    const adaHere = await syncedStock()
    adaHere.provider.awareness.setLocalState({ name: 'Ada' })
    const vandal = await raw()
    // A clock that lib0 reads, but writes as one that it refuses to read.
    const clock = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x8f, 0x7f]
    vandal.socket.send(encodeAwareness(Uint8Array.of(1, 9, ...clock, 2, 0x7b, 0x7d)))
    expect(await vandal.closeCode()).toBe(CLOSE_CODES.MALFORMED)
    const late = await syncedStock()
    await eventually('a joiner still sees who is there', () => seenBy(late, adaHere))
    expect([...late.provider.awareness.getStates().keys()].sort()).toEqual(
      [late.doc.clientID, adaHere.doc.clientID].sort(),
    )
  })
})

describe('a viewer', () => {
  function updateOf(key: string): Uint8Array {
    const doc = new Doc()
    doc.getMap('shapes').set(key, 1)
    return encodeStateAsUpdate(doc)
  }

  test.beforeEach(({ stack, boardId, alan }) => addMember(stack, boardId, alan, 'viewer'))

  test('SYNC-12 AW-8: sees edits as they happen and those made before, and has awareness', async ({
    syncedStock,
    alan,
  }) => {
    const adaHere = await syncedStock()
    adaHere.doc.getMap('shapes').set('before', 1)
    const viewer = await syncedStock(0, alan)
    expect(viewer.doc.getMap('shapes').toJSON()).toEqual({ before: 1 })
    adaHere.doc.getMap('shapes').set('after', 2)
    await eventually('the viewer sees it', () => viewer.doc.getMap('shapes').get('after') === 2)

    viewer.provider.awareness.setLocalStateField('name', 'Alan')
    await eventually('ada sees the viewer', () => seenBy(adaHere, viewer)?.name === 'Alan')
    adaHere.provider.awareness.setLocalStateField('name', 'Ada')
    await eventually('the viewer sees ada', () => seenBy(viewer, adaHere)?.name === 'Ada')
  })

  test.for([
    ['an update', encodeUpdate],
    ['a step 2', encodeSyncStep2],
  ] as const)(
    'SYNC-9: changes nothing anywhere with %s',
    async ([_, encode], { syncedStock, raw, alan, storedUpdates, stack }) => {
      const adaHere = await syncedStock()
      const received: Uint8Array[] = []
      adaHere.doc.on('update', (update: Uint8Array) => received.push(update))
      const viewer = await raw(0, alan)
      viewer.socket.send(encode(updateOf('forged')))
      await settled(viewer)
      await eventually('ada hears of what came later', () =>
        adaHere.provider.awareness.getStates().has(4_000_000_000),
      )
      expect(received).toEqual([])
      expect(viewer.closed).toBeUndefined()

      // Batches keep the order, so what comes after would be stored after.
      const before = await storedUpdates()
      expect(before).toBe(0)
      adaHere.doc.getMap('shapes').set('real', 1)
      await eventually('her edit is stored', async () => (await storedUpdates()) > before)
      expect(await storedUpdates()).toBe(1)
      adaHere.destroy()
      viewer.destroy()
      await stack.restartGateway()
      const late = await syncedStock()
      expect(late.doc.getMap('shapes').toJSON()).toEqual({ real: 1 })
    },
  )

  test('SYNC-9: with the stock provider stays connected, and what it drew stays with it', async ({
    syncedStock,
    alan,
  }) => {
    const adaHere = await syncedStock()
    const viewer = await syncedStock(0, alan)
    viewer.doc.getMap('shapes').set('forged', 1)
    viewer.provider.awareness.setLocalStateField('name', 'Alan')
    await eventually('ada sees the viewer', () => seenBy(adaHere, viewer)?.name === 'Alan')
    expect(adaHere.doc.getMap('shapes').size).toBe(0)
    adaHere.doc.getMap('shapes').set('real', 1)
    await eventually('the viewer sees it', () => viewer.doc.getMap('shapes').get('real') === 1)
    expect(viewer.provider.wsconnected).toBe(true)
    expect(adaHere.doc.getMap('shapes').toJSON()).toEqual({ real: 1 })
  })
})
