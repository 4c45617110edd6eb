import { randomUUID } from 'node:crypto'
import { encodeRelayedBroadcast } from '@mindfuse/internal'
import { createLogger } from '@mindfuse/service-kit'
import { createMemorySharedState, type Relay } from '@mindfuse/shared-state'
import { beforeEach, expect, test, vi } from 'vitest'
import { BoardRelay, type BoardRelayHandlers } from './board-relay.ts'
import { decodeRelayMessage, encodeRelayMessage, RELAY_KINDS } from './envelope.ts'

const log = createLogger({ service: 'test', level: 'silent' })
const boardId = randomUUID()
const gatewayId = randomUUID()
const other = randomUUID()

let relay: Relay
let received: number[]
let newcomers: number[]
let gaps: string[]
let broadcasts: string[]
let channel: BoardRelay
beforeEach(async () => {
  relay = createMemorySharedState().relay
  received = []
  newcomers = []
  gaps = []
  broadcasts = []
  channel = new BoardRelay({ topic: boardId, gatewayId, relay, log }, handlers)
  await channel.open()
})

const handlers: BoardRelayHandlers = {
  onMessage: ({ sequence }, isNewcomer) => {
    received.push(sequence)
    if (isNewcomer) newcomers.push(sequence)
  },
  onBroadcast: (frame) => broadcasts.push(Buffer.from(frame).toString()),
  onGap: (id) => gaps.push(id),
}

async function publish(...sequences: number[]): Promise<void> {
  for (const sequence of sequences) {
    const message = { gatewayId: other, sequence, kind: RELAY_KINDS.QUERY }
    await relay.publish(boardId, encodeRelayMessage({ ...message, payload: new Uint8Array() }))
  }
}

test('receives messages of others in order, and not its own', async () => {
  channel.send(RELAY_KINDS.QUERY, new Uint8Array())
  await publish(1, 2, 3)
  expect(received).toEqual([1, 2, 3])
  expect([...channel.gateways]).toEqual([other])
  expect(gaps).toEqual([])
})

test('the first message may have any number; after it a gap is reported, once', async () => {
  await publish(57, 58)
  expect(gaps).toEqual([])
  await publish(60, 61)
  expect(gaps).toEqual([other])
  expect(received).toEqual([57, 58, 60, 61])
})

test('a lower number than before is a gap: messages may be lost', async () => {
  await publish(5, 1)
  expect(gaps).toEqual([other])
})

test('a gateway that was forgotten counts as new', async () => {
  await publish(5)
  channel.forget(other)
  expect([...channel.gateways]).toEqual([])
  await publish(9)
  expect(gaps).toEqual([])
})

test('bytes that are no relay message are ignored', async () => {
  await relay.publish(boardId, new Uint8Array())
  await relay.publish(boardId, Uint8Array.of(2, 1, 1))
  await relay.publish(boardId, Buffer.from('hello'))
  expect(received).toEqual([])
})

test('nothing is received after closing, also if that comes before the channel is open', async () => {
  channel.close()
  const late = new BoardRelay({ topic: boardId, gatewayId, relay, log }, handlers)
  const opening = late.open()
  late.close()
  await opening
  await publish(1, 3)
  expect(received).toEqual([])
  expect(gaps).toEqual([])
})

test('broadcasts of others are received beside the numbered messages, and leave no gap', async () => {
  const broadcast = (origin: string, text: string) =>
    relay.publish(boardId, encodeRelayedBroadcast({ origin, frame: Buffer.from(text) }))
  await publish(1)
  await broadcast(other, 'hers')
  await channel.broadcast(Buffer.from('own'))
  await publish(2)
  await broadcast(randomUUID(), 'the API’s')
  expect(received).toEqual([1, 2])
  expect(gaps).toEqual([])
  expect(broadcasts).toEqual(['hers', 'the API’s'])
  channel.close()
  await broadcast(other, 'too late')
  expect(broadcasts).toHaveLength(2)
})

test('RELAY-12: sends nothing while no other gateway is known, and counts on once one is', async () => {
  const sent: number[] = []
  await relay.subscribe(boardId, (bytes) => {
    const message = decodeRelayMessage(bytes)
    if (message?.gatewayId === gatewayId) sent.push(message.sequence)
  })
  const unwanted = () => expect.unreachable('encoded a payload that is not sent')
  const before = channel.sendUnlessAlone(RELAY_KINDS.EDIT, unwanted)
  expect(channel.sendUnlessAlone(RELAY_KINDS.EDIT, unwanted)).toBe(before)

  await publish(1)
  expect(channel.sendUnlessAlone(RELAY_KINDS.EDIT, () => new Uint8Array())).toBe(before + 1)
  await vi.waitFor(() => expect(sent).toEqual([before + 1]))

  channel.forget(other)
  expect(channel.sendUnlessAlone(RELAY_KINDS.EDIT, unwanted)).toBe(before + 1)
})

test('RELAY-12: reports the first message of a gateway, also of one that returned', async () => {
  await publish(5, 6)
  channel.forget(other)
  await publish(7, 8)
  expect(newcomers).toEqual([5, 7])
})
