import {
  AWARENESS_GONE,
  CLOSE_CODES,
  decodeFrame,
  encodeAwareness,
  encodeSyncStep2,
  encodeUpdate,
  MAX_AWARENESS_BYTES,
} from '@mindfuse/protocol'
import {
  type AwarenessState,
  awarenessFrame,
  awarenessStates,
  createBoard,
  eventually,
  type RawClient,
  type SignedIn,
  type StockClient,
  signIn,
} from '@mindfuse/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Doc, encodeStateAsUpdate } from 'yjs'
import { useClients } from '../support/clients.ts'
import { addMember } from '../support/people.ts'
import { type Stack, startStack } from '../support/stack.ts'

let stack: Stack
let ada: SignedIn
let alan: SignedIn
let boardId: string
const clients = useClients(() => ({ realtimeUrl: stack.realtimeUrl, boardId }))

beforeAll(async () => {
  stack = await startStack()
  ada = await signIn(stack.apiUrl, 'ada@example.com')
  alan = await signIn(stack.apiUrl, 'alan@example.com')
})
afterAll(() => stack.stop())
beforeEach(async () => {
  boardId = await createBoard(stack.apiUrl, ada.accessToken)
})

async function stock(who: SignedIn): Promise<StockClient> {
  const client = clients.stock(0, who)
  await client.synced()
  return client
}

const raw = (who: SignedIn) => clients.raw(0, who)

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
  test('AW-1: stock providers see each other join, change and leave', async () => {
    await addMember(stack, boardId, alan, 'editor')
    const adaHere = await stock(ada)
    const alanHere = await stock(alan)
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

  test('AW-7: a joiner is told who is there before it says or asks anything', async () => {
    const adaHere = await stock(ada)
    const { awareness } = adaHere.provider
    awareness.setLocalState({ name: 'Ada' })
    const clock = awareness.meta.get(adaHere.doc.clientID)!.clock
    const watcher = await raw(ada)
    await eventually('her state is known', () => heard(watcher).some((it) => it.clock === clock))

    const joiner = await raw(ada)
    const entry = await eventually('the joiner is told', () => heard(joiner)[0])
    expect(entry).toEqual({ clientId: adaHere.doc.clientID, clock, state: '{"name":"Ada"}' })

    const late = await stock(ada)
    await eventually('a stock joiner sees her', () => seenBy(late, adaHere)?.name === 'Ada')
  })

  test('AW-7: is told to whoever asks', async () => {
    const client = await raw(ada)
    const mine = { clientId: 1, clock: 1, state: '{"a":1}' }
    say(client, mine)
    await settled(client)
    const before = heard(client).length
    client.socket.send(Uint8Array.of(3))
    await eventually('it is told', () => heard(client).length > before)
    expect(heard(client).slice(before)).toContainEqual(mine)
  })

  test('AW-1: comes back to its sender, who takes it as a sign of life', async () => {
    const client = await raw(ada)
    const mine = { clientId: 1, clock: 1, state: '{"a":1}' }
    say(client, mine)
    await eventually('the echo arrives', () => lastHeard(client, 1))
    expect(lastHeard(client, 1)).toEqual(mine)
  })

  test('AW-5: a line that breaks without a word is a leave', async () => {
    const witness = await raw(ada)
    const client = await raw(ada)
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

  test('AW-2: of another person cannot be forged: not changed, and not removed', async () => {
    await addMember(stack, boardId, alan, 'editor')
    const adaHere = await stock(ada)
    const { awareness } = adaHere.provider
    awareness.setLocalState({ name: 'Ada' })
    const clientId = adaHere.doc.clientID
    const { clock } = awareness.meta.get(clientId)!

    const alanHere = await raw(alan)
    await eventually('alan sees her', () => heard(alanHere).some((it) => it.clock === clock))
    const witness = await stock(ada)
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

  test('BAD-3: over its limit closes its sender with 4413', async () => {
    const client = await raw(ada)
    const state = JSON.stringify('x'.repeat(MAX_AWARENESS_BYTES))
    say(client, { clientId: 1, clock: 1, state })
    expect(await client.closeCode()).toBe(CLOSE_CODES.TOO_LARGE)
  })

  test('BAD-2: that would throw in every client closes its sender with 4400, and reaches nobody', async () => {
    const adaHere = await stock(ada)
    adaHere.provider.awareness.setLocalState({ name: 'Ada' })
    const vandal = await raw(ada)
    // A clock that lib0 reads, but writes as one that it refuses to read.
    const clock = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x8f, 0x7f]
    vandal.socket.send(encodeAwareness(Uint8Array.of(1, 9, ...clock, 2, 0x7b, 0x7d)))
    expect(await vandal.closeCode()).toBe(CLOSE_CODES.MALFORMED)
    const late = await stock(ada)
    await eventually('a joiner still sees who is there', () => seenBy(late, adaHere))
    expect([...late.provider.awareness.getStates().keys()].sort()).toEqual(
      [late.doc.clientID, adaHere.doc.clientID].sort(),
    )
  })
})

describe('a viewer', () => {
  const storedUpdates = async () =>
    Number(
      (
        await stack.database.query('SELECT count(*) FROM board_updates WHERE board_id = $1', [
          boardId,
        ])
      )[0].count,
    )

  function updateOf(key: string): Uint8Array {
    const doc = new Doc()
    doc.getMap('shapes').set(key, 1)
    return encodeStateAsUpdate(doc)
  }

  beforeEach(() => addMember(stack, boardId, alan, 'viewer'))

  test('SYNC-12 AW-8: sees edits as they happen and those made before, and has awareness', async () => {
    const adaHere = await stock(ada)
    adaHere.doc.getMap('shapes').set('before', 1)
    const viewer = await stock(alan)
    expect(viewer.doc.getMap('shapes').toJSON()).toEqual({ before: 1 })
    adaHere.doc.getMap('shapes').set('after', 2)
    await eventually('the viewer sees it', () => viewer.doc.getMap('shapes').get('after') === 2)

    viewer.provider.awareness.setLocalStateField('name', 'Alan')
    await eventually('ada sees the viewer', () => seenBy(adaHere, viewer)?.name === 'Alan')
    adaHere.provider.awareness.setLocalStateField('name', 'Ada')
    await eventually('the viewer sees ada', () => seenBy(viewer, adaHere)?.name === 'Ada')
  })

  test.each([
    ['an update', encodeUpdate],
    ['a step 2', encodeSyncStep2],
  ])('SYNC-9: changes nothing anywhere with %s', async (_, encode) => {
    const adaHere = await stock(ada)
    const received: Uint8Array[] = []
    adaHere.doc.on('update', (update: Uint8Array) => received.push(update))
    const viewer = await raw(alan)
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
    const late = await stock(ada)
    expect(late.doc.getMap('shapes').toJSON()).toEqual({ real: 1 })
  })

  test('SYNC-9: with the stock provider stays connected, and what it drew stays with it', async () => {
    const adaHere = await stock(ada)
    const viewer = await stock(alan)
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
