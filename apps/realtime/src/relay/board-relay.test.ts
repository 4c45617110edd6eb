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
let heard: number[]
let newcomers: number[]
let gaps: string[]
let broadcasts: string[]
let line: BoardRelay
beforeEach(async () => {
  relay = createMemorySharedState().relay
  heard = []
  newcomers = []
  gaps = []
  broadcasts = []
  line = new BoardRelay({ boardId, gatewayId, relay, log }, handlers)
  await line.open()
})

const handlers: BoardRelayHandlers = {
  onMessage: ({ sequence }, isNewcomer) => {
    heard.push(sequence)
    if (isNewcomer) newcomers.push(sequence)
  },
  onBroadcast: (frame) => broadcasts.push(Buffer.from(frame).toString()),
  onGap: (id) => gaps.push(id),
}

async function say(...sequences: number[]): Promise<void> {
  for (const sequence of sequences) {
    const message = { gatewayId: other, sequence, kind: RELAY_KINDS.QUERY }
    await relay.publish(boardId, encodeRelayMessage({ ...message, payload: new Uint8Array() }))
  }
}

test('hears others in order and not itself', async () => {
  line.send(RELAY_KINDS.QUERY, new Uint8Array())
  await say(1, 2, 3)
  expect(heard).toEqual([1, 2, 3])
  expect([...line.gateways]).toEqual([other])
  expect(gaps).toEqual([])
})

test('the first message heard may be any; after it a hole is told, once', async () => {
  await say(57, 58)
  expect(gaps).toEqual([])
  await say(60, 61)
  expect(gaps).toEqual([other])
  expect(heard).toEqual([57, 58, 60, 61])
})

test('a board that is opened anew counts anew, which may hide something', async () => {
  await say(5, 1)
  expect(gaps).toEqual([other])
})

test('a gateway that was forgotten is a new one', async () => {
  await say(5)
  line.forget(other)
  expect([...line.gateways]).toEqual([])
  await say(9)
  expect(gaps).toEqual([])
})

test('what is no message of ours is left out', async () => {
  await relay.publish(boardId, new Uint8Array())
  await relay.publish(boardId, Uint8Array.of(2, 1, 1))
  await relay.publish(boardId, Buffer.from('hello'))
  expect(heard).toEqual([])
})

test('nothing is heard after closing, also where that comes before the line is open', async () => {
  line.close()
  const late = new BoardRelay({ boardId, gatewayId, relay, log }, handlers)
  const opening = late.open()
  late.close()
  await opening
  await say(1, 3)
  expect(heard).toEqual([])
  expect(gaps).toEqual([])
})

test('broadcasts of others are heard beside what is numbered, and open no hole in it', async () => {
  const broadcast = (origin: string, text: string) =>
    relay.publish(boardId, encodeRelayedBroadcast({ origin, frame: Buffer.from(text) }))
  await say(1)
  await broadcast(other, 'hers')
  await line.broadcast(Buffer.from('own'))
  await say(2)
  await broadcast(randomUUID(), 'the API’s')
  expect(heard).toEqual([1, 2])
  expect(gaps).toEqual([])
  expect(broadcasts).toEqual(['hers', 'the API’s'])
  line.close()
  await broadcast(other, 'too late')
  expect(broadcasts).toHaveLength(2)
})

test('RELAY-12: tells nothing while no other gateway is known, and counts on once one is', async () => {
  const sent: number[] = []
  await relay.subscribe(boardId, (bytes) => {
    const message = decodeRelayMessage(bytes)
    if (message?.gatewayId === gatewayId) sent.push(message.sequence)
  })
  const unwanted = () => expect.unreachable('made a payload for nobody')
  const before = line.sendUnlessAlone(RELAY_KINDS.EDIT, unwanted)
  expect(line.sendUnlessAlone(RELAY_KINDS.EDIT, unwanted)).toBe(before)

  await say(1)
  expect(line.sendUnlessAlone(RELAY_KINDS.EDIT, () => new Uint8Array())).toBe(before + 1)
  await vi.waitFor(() => expect(sent).toEqual([before + 1]))

  line.forget(other)
  expect(line.sendUnlessAlone(RELAY_KINDS.EDIT, unwanted)).toBe(before + 1)
})

test('RELAY-12: says which message is the first of a gateway, also of one that came back', async () => {
  await say(5, 6)
  line.forget(other)
  await say(7, 8)
  expect(newcomers).toEqual([5, 7])
})
