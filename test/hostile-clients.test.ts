import {
  AWARENESS_GONE,
  type AwarenessEntry,
  CLOSE_CODES,
  encodeAwareness,
  encodeAwarenessUpdate,
  encodeSyncStep1,
  encodeSyncStep2,
  encodeUpdate,
} from '@mindfuse/protocol'
import {
  connectRaw,
  connectStockClient,
  connectWhiteboard,
  createBoard,
  eventually,
  type RawClient,
  type SignedIn,
  type StockClient,
  signIn,
} from '@mindfuse/testing'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Doc, encodeStateAsUpdate, encodeStateVector } from 'yjs'
import { type ObservedGateway, startObservedGateway } from './support/observed-gateway.ts'
import { type Stack, startStack } from './support/stack.ts'

/**
 * `HOSTILE_FRAMES=1000000 npx vitest run --project integration test/hostile-clients.test.ts` sends
 * more; `HOSTILE_SEED` repeats a run. Both are in the title of the test.
 */
const FRAMES = Number(process.env.HOSTILE_FRAMES ?? 20_000)
const SEED = Number(process.env.HOSTILE_SEED ?? Date.now() % 2 ** 31)

/** Frames made at a time. Memory is looked at after each round. */
const ROUND = Math.min(5_000, FRAMES)

/** Attackers at a time, and how many frames each has on its way before it hears what became. */
const ATTACKERS = 12
const PIPELINE = 8

let stack: Stack
/** Two gateways. At this level they print nothing, unless something goes wrong. */
let gateways: ObservedGateway[]
let ada: SignedIn
let vandal: SignedIn
let boardId: string
const clients: { destroy(): void }[] = []

beforeAll(async () => {
  stack = await startStack({ gateways: 0 })
  ada = await signIn(stack.apiUrl, 'ada@example.com')
  vandal = await signIn(stack.apiUrl, 'vandal@example.com')
  gateways = await Promise.all([0, 1].map(() => startObservedGateway(stack, { logLevel: 'error' })))
})
afterAll(async () => {
  for (const gateway of gateways) expect(await gateway.stop()).toBe(0)
  await stack.stop()
})
beforeEach(async () => {
  boardId = await newBoard()
})
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy()
  for (const gateway of gateways) {
    expect(gateway.child.exitCode).toBeNull()
    expect(gateway.output()).toBe('')
  }
})

/** A board of Ada's on which the vandal may draw. */
async function newBoard(): Promise<string> {
  const id = await createBoard(stack.apiUrl, ada.accessToken)
  await stack.database.query(
    `INSERT INTO board_members (board_id, user_id, role) VALUES ($1, $2, 'editor')`,
    [id, vandal.user.id],
  )
  return id
}

function keep<Client extends { destroy(): void }>(client: Client): Client {
  clients.push(client)
  return client
}

const addressOf = (gateway: number, who: SignedIn, board = boardId) => ({
  realtimeUrl: gateways[gateway]!.realtimeUrl,
  boardId: board,
  token: who.accessToken,
})

async function stock(gateway: number, who: SignedIn, board = boardId): Promise<StockClient> {
  const client = keep(connectStockClient(addressOf(gateway, who, board)))
  await client.synced()
  return client
}

const connectStock = (gateway: number, who: SignedIn) =>
  connectRaw(`${gateways[gateway]!.realtimeUrl}/${boardId}?token=${who.accessToken}`)

async function whiteboard(gateway: number, who: SignedIn) {
  const client = keep(await connectWhiteboard(addressOf(gateway, who)))
  await eventually('the board is loaded', () => client.frames.length > 0)
  return client
}

const awareness = (...entries: AwarenessEntry[]) => encodeAwareness(encodeAwarenessUpdate(entries))

/** The gateway answers a ping once it is done with all frames before it. */
const settled = (client: RawClient) =>
  new Promise<void>((resolve, reject) => {
    client.socket.once('pong', () => resolve())
    client.socket.once('close', (code) => reject(new Error(`closed with ${code}`)))
    client.socket.ping()
  })

describe('presence that says more than it may', () => {
  const update = { type: 'presence:update', cursor: { x: 1, y: 2 }, selection: [] }

  test.each([
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
    ['null', 'null'],
    ['nothing', ''],
    ['half a message', '{"type":"presence:upd'],
    ['more than fits', JSON.stringify({ ...update, selection: ['x'.repeat(5_000)] })],
    ['depth', '['.repeat(4_000)],
  ])('closes its sender alone with 4400: %s', async (_, text) => {
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
  })
})

describe('awareness of somebody else', () => {
  test.each([0, 1])('is neither overwritten nor removed, from gateway %i', async (gateway) => {
    const owner = await stock(0, ada)
    const witnesses = [await stock(0, ada), await stock(1, ada)]
    owner.provider.awareness.setLocalState({ name: 'Ada' })
    const clientId = owner.doc.clientID
    const seen = ({ provider }: StockClient) => provider.awareness.getStates().get(clientId)
    for (const witness of witnesses) {
      await eventually('she is seen', () => seen(witness)?.name === 'Ada')
    }
    const attacker = keep(await connectStock(gateway, vandal))
    await eventually('the board is loaded', () => attacker.frames.length > 0)
    const clock = 1_000_000
    const fence = 900_000 + gateway
    attacker.socket.send(awareness({ clientId, clock, state: '{"name":"Eve"}' }))
    attacker.socket.send(awareness({ clientId, clock: clock + 1, state: AWARENESS_GONE }))
    attacker.socket.send(
      awareness(
        { clientId: fence, clock: 1, state: '{"__proto__":{"polluted":true},"constructor":1}' },
        { clientId, clock: clock + 2, state: '{"name":"Eve"}' },
      ),
    )
    for (const witness of witnesses) {
      await eventually('the fence is seen', () => witness.provider.awareness.getStates().has(fence))
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
  })
})

test('text on a stock connection is not read', async () => {
  const attacker = keep(await connectStock(0, vandal))
  await eventually('the board is loaded', () => attacker.frames.length > 0)
  for (const text of ['', '{}', 'x'.repeat(100_000), '{"type":"auth:refresh","token":"x"}']) {
    attacker.socket.send(text)
  }
  await settled(attacker)
  expect(attacker.closed).toBeUndefined()
})

test.each([
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
])('a frame %s closes its sender alone with 4400', async (_, frame) => {
  const witness = await stock(1, ada)
  const attacker = keep(await connectStock(0, vandal))
  attacker.socket.send(frame())
  expect(await attacker.closeCode()).toBe(CLOSE_CODES.MALFORMED)
  expect(witness.provider.wsconnected).toBe(true)
})

// ---- many frames

/** What clients send, to be mutated inside its frame or as a whole. */
function validPayloads(): [payload: Uint8Array, encode: (payload: Uint8Array) => Uint8Array][] {
  const doc = new Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  const shapes = doc.getMap('shapes')
  shapes.set('a', { x: 1, y: 2.5, text: 'hello', nested: [1, null, true, { deep: 'er' }] })
  shapes.set('bytes', new Uint8Array([1, 2, 3]))
  const text = doc.getText('text')
  text.insert(0, 'mindfuse is a whiteboard')
  text.format(0, 4, { bold: true })
  text.delete(2, 3)
  doc.getArray('list').push([1, 'two', { three: 3 }])
  doc.getArray('list').delete(0, 1)
  shapes.delete('a')
  const cursor = { clientId: 17, clock: 3, state: '{"cursor":{"x":1,"y":2}}' }
  const name = { clientId: 18, clock: 1, state: '{"name":"somebody"}' }
  const gone = { clientId: 19, clock: 2, state: AWARENESS_GONE }
  return [
    ...updates.map((update) => [update, encodeUpdate] as [Uint8Array, typeof encodeUpdate]),
    [encodeStateAsUpdate(doc), encodeSyncStep2],
    [encodeStateVector(doc), encodeSyncStep1],
    [Uint8Array.of(0), encodeSyncStep1],
    [encodeAwarenessUpdate([cursor]), encodeAwareness],
    [encodeAwarenessUpdate([name, gone]), encodeAwareness],
    [Uint8Array.of(3), (payload) => payload],
  ]
}

const mutation = fc.oneof(
  fc.record({
    do: fc.constant('set' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    to: fc.nat(255),
  }),
  fc.record({
    do: fc.constant('flip' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    to: fc.nat(7),
  }),
  fc.record({
    do: fc.constant('cut' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    to: fc.nat(9),
  }),
  fc.record({
    do: fc.constant('grow' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    to: fc.nat(255),
  }),
)
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never

function mutate(frame: Uint8Array, { do: kind, at, to }: Mutation): Uint8Array {
  const bytes = [...frame]
  const i = Math.min(bytes.length - 1, Math.floor(at * bytes.length))
  if (kind === 'set') bytes[i] = to
  else if (kind === 'flip') bytes[i] = (bytes[i] ?? 0) ^ (1 << to)
  else if (kind === 'cut') bytes.splice(i, to)
  else bytes.splice(i, 0, to)
  return Uint8Array.from(bytes)
}

const TEXTS = [
  '{"type":"presence:update","cursor":{"x":1,"y":2},"selection":["a"]}',
  '{"type":"presence:viewport","x":1,"y":2,"zoom":3}',
  '{"type":"auth:refresh","token":"eyJhbGciOiJub25lIn0.e30."}',
]

const textFrame = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.json({ maxDepth: 3 }),
  fc
    .tuple(fc.constantFrom(...TEXTS), fc.nat(60), fc.nat(5), fc.string({ maxLength: 4 }))
    .map(([text, at, cut, more]) => text.slice(0, at) + more + text.slice(at + cut)),
)

const payload = fc.constantFrom(...validPayloads())
const mutations = (minLength: number) => fc.array(mutation, { minLength, maxLength: minLength + 1 })

const hostileFrame: fc.Arbitrary<Uint8Array | string> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(payload, mutations(0))
      .map(([[bytes, encode], changes]) => encode(changes.reduce(mutate, bytes))),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(payload, mutations(1))
      .map(([[bytes, encode], changes]) => changes.reduce(mutate, encode(bytes))),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  { weight: 1, arbitrary: textFrame },
)

/** How an attacker ends a connection whose frames were all taken. */
const SURVIVED = 4_000

/** What a gateway may end a connection with; 1006 and 1011 would be failures of its own. */
const DESERVED: readonly number[] = [
  SURVIVED,
  CLOSE_CODES.MALFORMED,
  CLOSE_CODES.TOO_LARGE,
  CLOSE_CODES.RATE_LIMITED,
]

/** The gateways' own count of how connections ended. */
async function closesByCode(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { httpUrl } of gateways) {
    const text = await (await fetch(`${httpUrl}/metrics`)).text()
    for (const [, code, n] of text.matchAll(/^realtime_closes_total{code="(\d+)"} (\d+)$/gm)) {
      counts[code!] = (counts[code!] ?? 0) + Number(n)
    }
  }
  return counts
}

/** Sends frames one after another until the gateway has dealt with each; returns the closes. */
async function attack(
  gateway: number,
  board: string,
  frames: (Uint8Array | string)[],
): Promise<number[]> {
  const closes: number[] = []
  while (frames.length > 0) {
    const client = await connectRaw(`${gateways[gateway]!.realtimeUrl}/${board}`, {
      protocols: ['whiteboard.v1', `bearer.${vandal.accessToken}`],
    })
    const code = await new Promise<number>((resolve) => {
      let sent = 0
      // Each frame has a ping behind it: its answer says that the frame was taken.
      const send = () => {
        const frame = frames[sent++]
        if (frame === undefined) return
        client.socket.send(frame)
        client.socket.ping()
      }
      client.socket.on('pong', () => {
        frames.shift()
        sent--
        if (frames.length === 0) client.socket.close(SURVIVED)
        else send()
      })
      client.socket.on('close', resolve)
      for (let i = 0; i < PIPELINE; i++) send()
    })
    closes.push(code)
    frames.shift()
  }
  return closes
}

/** Exchanges edits between two clients, one after another, until told to stop. */
function exchangeEdits([one, two]: [StockClient, StockClient]) {
  const latencies: number[] = []
  let isStopped = false
  const swap = async () => {
    for (let i = 0; !isStopped; i++) {
      const [from, to] = i % 2 === 0 ? [one, two] : [two, one]
      const startedAt = performance.now()
      const seen = new Promise<void>((resolve) => {
        to.doc.once('update', () => resolve())
      })
      from.doc.getMap('counter').set('count', i)
      await seen
      expect(to.doc.getMap('counter').get('count')).toBe(i)
      latencies.push(performance.now() - startedAt)
    }
  }
  const running = swap()
  return {
    latencies,
    async stop() {
      isStopped = true
      await running
    },
  }
}

const contentOf = (doc: Doc) => ({
  shapes: doc.getMap('shapes').toJSON(),
  list: doc.getArray('list').toJSON(),
  text: doc.getText('text').toString(),
  known: encodeStateVector(doc),
})

const quantile = (values: number[], q: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * q)] ?? Number.NaN

const residentMegabytes = async (gateway: number) =>
  (await gateways[gateway]!.metric('process_resident_memory_bytes')) / 2 ** 20

test(`${FRAMES} hostile frames (HOSTILE_SEED=${SEED}) end nobody but their senders`, {
  timeout: 60_000 + FRAMES * 5,
}, async () => {
  const nextDoor = await createBoard(stack.apiUrl, ada.accessToken)
  const neighbours: [StockClient, StockClient] = [
    await stock(0, ada, nextDoor),
    await stock(1, ada, nextDoor),
  ]
  const quiet = exchangeEdits(neighbours)
  await eventually('there is something to compare with', () => quiet.latencies.length >= 100)
  await quiet.stop()

  // A board for the attackers of each gateway, as Yjs bears no two edits under one number. And
  // somebody is there, too.
  const boards = [boardId, await newBoard()]
  const victims = await Promise.all(
    boards.map(async (board) => [await stock(0, ada, board), await stock(1, ada, board)]),
  )
  const exchange = exchangeEdits(neighbours)
  const memory: number[] = []
  const closesBefore = await closesByCode()
  let lost = 0
  for (let done = 0, round = 0; done < FRAMES; done += ROUND, round++) {
    const numRuns = Math.min(ROUND, FRAMES - done)
    const frames = fc.sample(hostileFrame, { numRuns, seed: SEED + round })
    const shares = Array.from({ length: ATTACKERS }, (_, i) =>
      frames.filter((_, j) => j % ATTACKERS === i),
    )
    const ended = await Promise.all(shares.map((share, i) => attack(i % 2, boards[i % 2]!, share)))
    // Who still sends when the other end has closed may be answered by a reset, which destroys
    // what it has not read yet, the close frame too. So what counts is what the gateway says.
    lost += ended.flat().filter((code) => code === 1006).length
    memory.push((await residentMegabytes(0)) + (await residentMegabytes(1)))
  }
  await exchange.stop()
  const closes = Object.fromEntries(
    Object.entries(await closesByCode())
      .map(([code, n]) => [code, n - (closesBefore[code] ?? 0)] as const)
      .filter(([, n]) => n > 0),
  )

  const [before, during] = [quantile(quiet.latencies, 0.99), quantile(exchange.latencies, 0.99)]
  const figures = {
    closes,
    lost,
    exchanged: exchange.latencies.length,
    p50: [quantile(quiet.latencies, 0.5), quantile(exchange.latencies, 0.5)],
    p99: [before, during],
    memory: memory.map(Math.round),
  }
  process.stdout.write(`${JSON.stringify(figures)}\n`)
  expect(closes[CLOSE_CODES.MALFORMED], JSON.stringify(figures)).toBeGreaterThan(FRAMES / 10)
  expect(Object.keys(closes).filter((code) => !DESERVED.includes(Number(code)))).toEqual([])
  expect(lost, JSON.stringify(figures)).toBeLessThan(FRAMES / 1_000)
  expect(exchange.latencies.length, JSON.stringify(figures)).toBeGreaterThan(100)
  expect(during, JSON.stringify(figures)).toBeLessThan(10 * before + 250)
  // The first round warms up.
  expect(memory.at(-1), JSON.stringify(figures)).toBeLessThan(memory[0]! + 96)

  for (const [i, [one, two]] of victims.entries()) {
    expect([one!.provider.wsconnected, two!.provider.wsconnected]).toEqual([true, true])
    one!.doc.getMap('shapes').set('afterwards', 'fine')
    const late = await stock(1, ada, boards[i])
    await eventually('everybody has everything, and the same', () => {
      const contents = [one!, two!, late].map(({ doc }) => contentOf(doc))
      expect(contents[0]!.shapes.afterwards).toBe('fine')
      expect([contents[1], contents[2]]).toEqual([contents[0], contents[0]])
      return true
    })
  }
})
