import {
  AWARENESS_GONE,
  CLOSE_CODES,
  encodeAwareness,
  encodeSyncStep1,
  encodeUpdate,
} from '@mindfuse/protocol'
import { awarenessFrame, eventually, type RawClient, type StockClient } from '@mindfuse/testing'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { testWithProcesses } from '../support/fixtures.ts'
import { expectHealthy } from '../support/gateway-process.ts'

// At this level gateways print nothing, unless something goes wrong.
const test = testWithProcesses({ logLevel: 'error' }).extend(
  'vandal',
  { scope: 'file' },
  ({ alan }) => alan,
)
test.afterEach(({ gateways }) => expectHealthy(gateways))
test.afterAll(async ({ gateways }) => {
  for (const gateway of gateways) expect(await gateway.stop()).toBe(0)
})

/** The gateway answers a ping once it is done with all frames before it. */
const settled = (client: RawClient) =>
  new Promise<void>((resolve, reject) => {
    client.socket.once('pong', () => resolve())
    client.socket.once('close', (code) => reject(new Error(`closed with ${code}`)))
    client.socket.ping()
  })

describe('presence and drafts that say more than they may', () => {
  const update = { type: 'presence:update', cursor: { x: 1, y: 2 }, selection: [] }

  test.for<[what: string, text: string]>([
    ['another userId', JSON.stringify({ ...update, userId: crypto.randomUUID() })],
    ['another connectionId', JSON.stringify({ ...update, connectionId: crypto.randomUUID() })],
    ['another user', JSON.stringify({ ...update, user: { id: 'x', name: 'Eve' } })],
    ['more in the cursor', JSON.stringify({ ...update, cursor: { x: 1, y: 2, userId: 'x' } })],
    ['a __proto__', '{"type":"presence:update","cursor":null,"selection":[],"__proto__":{"a":1}}'],
    [
      'a __proto__ in the cursor',
      '{"type":"presence:update","cursor":{"x":1,"y":2,"__proto__":{}},"selection":[]}',
    ],
    ['a constructor', JSON.stringify({ ...update, constructor: { prototype: { a: 1 } } })],
    ['nothing but a __proto__', '{"__proto__":{"type":"presence:update"}}'],
    [
      'a number that is none',
      '{"type":"presence:update","cursor":{"x":1e999,"y":0},"selection":[]}',
    ],
    ['a zoom of 0', '{"type":"presence:viewport","x":0,"y":0,"zoom":0}'],
    ['a message of the server', JSON.stringify({ type: 'presence:leave', userId: 'x' })],
    ['a join', JSON.stringify({ type: 'presence:join', userId: 'x', user: { id: 'x', name: '' } })],
    ['a hello', JSON.stringify({ type: 'hello', role: 'owner' })],
    ['a list of messages', JSON.stringify([update])],
    [
      'a draft of another connection',
      '{"type":"draft:update","drafts":[{"id":"a","version":1,"value":1,"connectionId":"x"}]}',
    ],
    [
      'a draft of another user',
      '{"type":"draft:update","drafts":[{"id":"a","version":1,"value":1}],"user":{"id":"x"}}',
    ],
    ['a draft that does not say so first', '{"drafts":[],"type":"draft:update"}'],
    ['null', 'null'],
    ['nothing', ''],
    ['half a message', '{"type":"presence:upd'],
    ['more than fits', JSON.stringify({ ...update, selection: ['x'.repeat(5_000)] })],
    ['depth', '['.repeat(4_000)],
  ])(
    'PRES-5 DRAFT-2 BAD-4 BAD-7: closes its sender alone with 4400: %s',
    async ([_, text], { whiteboard, vandal, ada }) => {
      const attacker = await whiteboard(0, vandal)
      const witness = await whiteboard(1, ada)
      attacker.socket.send(text)
      expect(await attacker.closeCode()).toBe(CLOSE_CODES.MALFORMED)
      await eventually('it is gone', () =>
        witness.messages.some((it) => it.type === 'presence:leave' || it.type === 'presence:sync'),
      )
      await settled(witness)
      const { connectionId } = await attacker.heard('hello')
      // Whatever was heard of the attacker is true.
      for (const message of witness.messages) {
        if (message.type === 'presence:join') expect(message.userId).toBe(vandal.user.id)
        if (message.type !== 'presence:sync') continue
        for (const presence of message.presences) {
          if (presence.userId === ada.user.id) continue
          expect(presence).toMatchObject({ userId: vandal.user.id, connectionId, cursor: null })
        }
      }
    },
  )
})

describe('awareness of another client', () => {
  test.for([0, 1])(
    'AW-2: is neither overwritten nor removed, from gateway %i',
    async (gateway, { syncedStock, ada, raw, vandal }) => {
      const owner = await syncedStock(0, ada)
      const witnesses = [await syncedStock(0, ada), await syncedStock(1, ada)]
      owner.provider.awareness.setLocalState({ name: 'Ada' })
      const clientId = owner.doc.clientID
      const seen = ({ provider }: StockClient) => provider.awareness.getStates().get(clientId)
      for (const witness of witnesses) {
        await eventually('she is seen', () => seen(witness)?.name === 'Ada')
      }
      const attacker = await raw(gateway, vandal)
      const clock = 1_000_000
      const fence = 900_000 + gateway
      attacker.socket.send(awarenessFrame({ clientId, clock, state: '{"name":"Eve"}' }))
      attacker.socket.send(awarenessFrame({ clientId, clock: clock + 1, state: AWARENESS_GONE }))
      attacker.socket.send(
        awarenessFrame(
          { clientId: fence, clock: 1, state: '{"__proto__":{"polluted":true},"constructor":1}' },
          { clientId, clock: clock + 2, state: '{"name":"Eve"}' },
        ),
      )
      for (const witness of witnesses) {
        await eventually('the fence is seen', () =>
          witness.provider.awareness.getStates().has(fence),
        )
        expect(seen(witness)).toEqual({ name: 'Ada' })
      }
      attacker.destroy()
      for (const witness of witnesses) {
        await eventually(
          'the attacker has gone',
          () => !witness.provider.awareness.getStates().has(fence),
        )
        expect(seen(witness)).toEqual({ name: 'Ada' })
      }
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
    },
  )
})

test('BAD-5: text on a stock connection is not read', async ({ raw, vandal }) => {
  const attacker = await raw(0, vandal)
  for (const text of ['', '{}', 'x'.repeat(100_000), '{"type":"auth:refresh","token":"x"}']) {
    attacker.socket.send(text)
  }
  await settled(attacker)
  expect(attacker.closed).toBeUndefined()
})

test.for<[what: string, frame: () => Uint8Array]>([
  [
    'of random bytes',
    () => fc.sample(fc.uint8Array({ minLength: 1 }), { numRuns: 1, seed: 7 })[0]!,
  ],
  ['of no bytes', () => new Uint8Array()],
  ['of an unknown kind', () => Uint8Array.of(2, 0)],
  ['with a length beyond the end', () => Uint8Array.of(0, 2, 0xff, 0xff, 0x03)],
  ['with bytes behind the end', () => Uint8Array.of(3, 0)],
  ['with a state vector that is none', () => encodeSyncStep1(Uint8Array.of(5))],
  ['with an update that is none', () => encodeUpdate(Uint8Array.of(1, 1, 1, 1))],
  ['with awareness that is none', () => encodeAwareness(Uint8Array.of(1, 1, 1, 2, 0x7b, 0x7b))],
])(
  'BAD-1 BAD-2 BAD-4: a frame %s closes its sender alone with 4400',
  async ([_, frame], { syncedStock, ada, raw, vandal }) => {
    const witness = await syncedStock(1, ada)
    const attacker = await raw(0, vandal)
    attacker.socket.send(frame())
    expect(await attacker.closeCode()).toBe(CLOSE_CODES.MALFORMED)
    expect(witness.provider.wsconnected).toBe(true)
  },
)
