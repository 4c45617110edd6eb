import { openDatabase } from '@mindfuse/api'
import { decodeFrame, encodeSyncStep2, encodeUpdate } from '@mindfuse/protocol'
import { connectWhiteboard, eventually, type WhiteboardClient } from '@mindfuse/testing'
import { sql } from 'kysely'
import { expect } from 'vitest'
import { applyUpdate, Doc, encodeStateAsUpdate, encodeStateVector } from 'yjs'
import { Link } from '../faults/link.ts'
import { testWith } from '../support/fixtures.ts'
import type { GatewayProcess } from '../support/gateway-process.ts'
import { pickPort } from '../support/ports.ts'

const test = testWith({ gateways: 2 })
  /** A gateway process with a line to the API of its own. */
  .extend(
    'startGatewayBehindLink',
    ({ stack, atEnd, startGateway }) =>
      async (): Promise<{ gateway: GatewayProcess; link: Link }> => {
        const apiPort = Number(new URL(stack.apiUrl).port)
        const link = await Link.open('gateway → API', await pickPort(), () => [apiPort])
        const apiUrl = `http://127.0.0.1:${link.port}`
        atEnd(() => link.close())
        const gateway = await startGateway({ apiUrl })
        return { gateway, link }
      },
  )

/** An update that draws a shape. */
function drawing(shape: string): Uint8Array {
  const doc = new Doc()
  doc.getMap('shapes').set(shape, true)
  return encodeStateAsUpdate(doc)
}

const acked = (client: WhiteboardClient) =>
  client.messages.findLast((message) => message.type === 'sync:ack')

test.for([
  ['the same gateway', 0],
  ['another gateway, which has only heard of them', 1],
])(
  'ACK-3: edits in the queue are not reported as saved to a client that reconnects to %s',
  async ([_, i], { whiteboard, stock, alan, stack, boardId, atEnd, readStored }) => {
    const [client] = [await whiteboard(0), await whiteboard(1)]
    const screen = stock(1, alan)
    await screen.synced()
    const pool = openDatabase({ url: stack.database.url, poolSize: 1, onError: () => undefined })
    atEnd(() => pool.close())
    const update = drawing('precious')
    const again = await pool.db.transaction().execute(async (tx) => {
      // Nothing of the board can be stored meanwhile.
      await sql`SELECT FROM board_documents WHERE board_id = ${boardId} FOR UPDATE`.execute(tx)
      client.socket.send(encodeUpdate(update))
      await eventually('it is relayed', () => screen.doc.getMap('shapes').has('precious'))
      client.destroy()
      const again = await whiteboard(i)
      again.socket.send(encodeSyncStep2(update))
      await again.heard('sync:ack', ({ received }) => received === 1)
      expect(acked(again)).toMatchObject({ received: 1, saved: 0 })
      return again
    })
    await again.heard('sync:ack', ({ saved }) => saved === 1)
    expect(await readStored()).toEqual({ precious: true })
  },
)

const stall = (link: Link) => link.stall(60_000, { endsWithReset: false })

test('ACK-3, RELAY-10: an edit is saved with what it builds on, whichever gateway has that', async ({
  startGatewayBehindLink,
  stock,
  alan,
  whiteboard,
  readStored,
}) => {
  const { gateway, link } = await startGatewayBehindLink()
  const author = stock(gateway.realtimeUrl, alan)
  await author.synced()
  const client = await whiteboard(0)
  await client.heard('presence:join', ({ userId }) => userId === alan.user.id)

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
  expect(await readStored()).toEqual({ below: true })
})

test('RELAY-11: an edit that is relayed while a board loads outlives its gateway', async ({
  startGatewayBehindLink,
  stock,
  alan,
  whiteboard,
  newBoard,
  ada,
  clients,
  boardId,
  stack,
  readStored,
}) => {
  const [doomed, slow] = [await startGatewayBehindLink(), await startGatewayBehindLink()]
  const author = stock(doomed.gateway.realtimeUrl, alan)
  await author.synced()
  // Who may come is known to the slow gateway, and what the other says is heard there.
  const witness = await whiteboard(0)
  await witness.heard('presence:join', ({ userId }) => userId === alan.user.id)
  const elsewhere = await newBoard()
  const { realtimeUrl } = slow.gateway
  await eventually('it is answered from what is kept', async () => {
    const again = await whiteboard(realtimeUrl, ada, elsewhere)
    again.destroy()
    const metrics = await fetch(realtimeUrl.replace('ws:', 'http:').replace(/ws$/, 'metrics'))
    return /lookups_total\{outcome="hit"\} [1-9]/.test(await metrics.text())
  })

  stall(slow.link)
  const reader = clients.keep(
    await connectWhiteboard({ realtimeUrl, boardId, token: ada.accessToken }),
  )
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
  await eventually('it is stored', async () => 'last words' in (await readStored()))
})

const isEdit = (bytes: Uint8Array) => decodeFrame(bytes).kind === 'update'

function applyFrame(doc: Doc, bytes: Uint8Array): void {
  const frame = decodeFrame(bytes)
  if (frame.kind === 'update') applyUpdate(doc, frame.update)
}
