import { decodeFrame, encodeSyncStep2, encodeUpdate } from '@mindfuse/protocol'
import {
  connectStockClient,
  connectWhiteboard,
  eventually,
  type SignedIn,
  type StockClient,
  type WhiteboardClient,
} from '@mindfuse/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { applyUpdate, Doc, encodeStateAsUpdate, encodeStateVector } from 'yjs'
import { Link } from '../faults/link.ts'
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.ts'
import { createTeam, storedShapes } from '../support/people.ts'
import { pickPort } from '../support/ports.ts'
import { type Stack, startStack } from '../support/stack.ts'

let stack: Stack
let people: SignedIn[]
let boardId: string
let newBoard: () => Promise<string>
const clients: { destroy(): void }[] = []

beforeAll(async () => {
  stack = await startStack({ gateways: 2 })
  ;({ people, newBoard } = await createTeam(stack, 2))
})
afterAll(() => stack.stop())
beforeEach(async () => {
  boardId = await newBoard()
})
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy()
})

async function whiteboard(gateway: number): Promise<WhiteboardClient> {
  const realtimeUrl = stack.realtimeUrls[gateway]!
  const token = people[0]!.accessToken
  const client = await connectWhiteboard({ realtimeUrl, boardId, token })
  clients.push(client)
  await eventually('the board is loaded', () => client.frames.length > 0)
  return client
}

function stock(realtimeUrl: string, person: number): StockClient {
  const token = people[person]!.accessToken
  const client = connectStockClient({ realtimeUrl, boardId, token })
  clients.push(client)
  return client
}

/** An update that draws a shape. */
function drawing(shape: string): Uint8Array {
  const doc = new Doc()
  doc.getMap('shapes').set(shape, true)
  return encodeStateAsUpdate(doc)
}

const acked = (client: WhiteboardClient) =>
  client.messages.findLast((message) => message.type === 'sync:ack')

test.each([
  ['the same gateway', 0],
  ['another gateway, which has only heard of them', 1],
])(
  'ACK-3: edits that wait to be stored are not saved for whoever comes back to %s',
  async (_, i) => {
    // Both have the board open, and know who may come.
    const [client] = [await whiteboard(0), await whiteboard(1)]
    const screen = stock(stack.realtimeUrls[1]!, 1)
    await screen.synced()
    await stack.stopApi()
    const update = drawing('precious')
    client.socket.send(encodeUpdate(update))
    await eventually('it is relayed', () => screen.doc.getMap('shapes').has('precious'))
    client.destroy()

    const again = await whiteboard(i)
    again.socket.send(encodeSyncStep2(update))
    await again.heard('sync:ack', ({ received }) => received === 1)
    expect(acked(again)).toMatchObject({ received: 1, saved: 0 })
    await stack.startApi()
    await again.heard('sync:ack', ({ saved }) => saved === 1)
    expect(await storedShapes(stack, boardId)).toEqual({ precious: true })
  },
)

/** A gateway process with a line to the API of its own. */
async function startGatewayBehindLink(): Promise<{ gateway: GatewayProcess; link: Link }> {
  const apiPort = Number(new URL(stack.apiUrl).port)
  const link = await Link.open('gateway → API', await pickPort(), () => [apiPort])
  const apiUrl = `http://127.0.0.1:${link.port}`
  const gateway = await startGatewayProcess({ ...stack, apiUrl })
  clients.push({ destroy: () => link.close() }, { destroy: () => void gateway.stop('SIGKILL') })
  return { gateway, link }
}

const stall = (link: Link) => link.stall(60_000, { endsWithReset: false })

test('ACK-3, RELAY-10: an edit is saved with what it builds on, whichever gateway has that', async () => {
  const { gateway, link } = await startGatewayBehindLink()
  const author = stock(gateway.realtimeUrl, 1)
  await author.synced()
  const client = await whiteboard(0)
  await client.heard('presence:join', ({ userId }) => userId === people[1]!.user.id)

  // One gateway relays what it cannot store.
  stall(link)
  author.doc.getMap('shapes').set('below', true)
  author.doc.getText('notes').insert(0, 'hello')
  const doc = new Doc()
  await eventually('it is heard', () => {
    for (const frame of client.frames.splice(0)) applyFrame(doc, frame)
    return doc.getText('notes').length === 5
  })
  const before = encodeStateVector(doc)
  doc.getText('notes').insert(5, ' world')
  client.socket.send(encodeUpdate(encodeStateAsUpdate(doc, before)))
  await client.heard('sync:ack', ({ saved }) => saved === 1)
  expect(await storedShapes(stack, boardId)).toEqual({ below: true })
})

test('RELAY-11: an edit that is relayed while a board loads outlives its gateway', async () => {
  const [doomed, slow] = [await startGatewayBehindLink(), await startGatewayBehindLink()]
  const author = stock(doomed.gateway.realtimeUrl, 1)
  await author.synced()
  // Who may come is known to the slow gateway, and what the other says is heard there.
  const witness = await whiteboard(0)
  await witness.heard('presence:join', ({ userId }) => userId === people[1]!.user.id)
  const elsewhere = await newBoard()
  const token = people[0]!.accessToken
  const { realtimeUrl } = slow.gateway
  const guest = await connectWhiteboard({ realtimeUrl, boardId: elsewhere, token })
  clients.push(guest)
  await eventually('a board is loaded', () => guest.frames.length > 0)

  stall(slow.link)
  const reader = await connectWhiteboard({ realtimeUrl, boardId, token })
  clients.push(reader)
  await eventually('the author is seen', () => reader.frames.length > 0)
  stall(doomed.link)
  author.doc.getMap('shapes').set('last words', true)
  await eventually('it is relayed', () => witness.frames.some(isEdit))
  // The others forget it, so that only the slow gateway is left to store it.
  witness.destroy()
  await stack.restartGateway(0)
  author.destroy()
  await doomed.gateway.stop('SIGKILL')
  slow.link.heal()
  await eventually('it is on a screen', () => reader.frames.some(isEdit))
  await eventually('it is stored', async () => 'last words' in (await storedShapes(stack, boardId)))
})

const isEdit = (bytes: Uint8Array) => decodeFrame(bytes).kind === 'update'

function applyFrame(doc: Doc, bytes: Uint8Array): void {
  const frame = decodeFrame(bytes)
  if (frame.kind === 'update') applyUpdate(doc, frame.update)
}
