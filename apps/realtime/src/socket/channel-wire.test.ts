import { CLOSE_CODES } from '@mindfuse/protocol'
import { beforeEach, expect, test } from 'vitest'
import { Backlog } from '../connection/backlog.ts'
import { Connection, SEND_BUDGET_BYTES } from '../connection/connection.ts'
import type { Grant } from '../connection/grant.ts'
import { Hold } from '../connection/hold.ts'
import { leaseOfSession } from '../connection/lease.ts'
import { Sent } from '../connection/traffic.ts'
import { UnreadDocuments } from '../connection/unread-documents.ts'
import type { Wire } from '../connection/wire.ts'
import { FlushWindow } from '../flush-window.ts'
import { People } from '../person/people.ts'
import { ChannelWire } from './channel-wire.ts'

const MEBIBYTE = 2 ** 20

/** A WebSocket whose reader takes nothing, as far as one is needed. */
class UnreadSocket implements Wire {
  buffered = 0
  readonly sent: string[] = []
  closedWith: number | undefined
  onClose: () => void = () => undefined

  send(frame: Uint8Array): number {
    // uWebSockets.js throws.
    if (this.closedWith !== undefined) throw new Error('the socket has ended')
    this.buffered += frame.length
    this.sent.push(Buffer.from(frame).toString())
    return 0
  }
  cork(send: () => void): void {
    send()
  }
  getBufferedAmount(): number {
    if (this.closedWith !== undefined) throw new Error('the socket has ended')
    return this.buffered
  }
  end(code: number): void {
    this.closedWith = code
    this.onClose()
  }
  close(): void {
    this.end(1006)
  }
}

let socket: UnreadSocket
let people: People
let backlog: Backlog
let hold: Hold
let sent: Sent
let host: Connection
let ended: string[]
beforeEach(() => {
  socket = new UnreadSocket()
  people = new People()
  backlog = new Backlog(people)
  hold = new Hold(() => undefined)
  sent = new Sent()
  ended = []
  host = connect(socket)
  socket.onClose = () => host.markClosed()
})

function connect(wire: Wire, topic?: string): Connection {
  const grant: Grant = {
    ...{ boardId: 'place', user: { id: 'ada', name: 'Ada' }, role: 'editor', canBroadcast: true },
    ...{ version: 1, lease: leaseOfSession('session') },
  }
  return new Connection(wire, grant, {
    ...(topic !== undefined && { topic }),
    ...{ hasText: true, isLarge: false, digest: undefined, oversizedForMs: 0 },
    ...{ sent, hold, ackWindow: new FlushWindow(20), unread: new UnreadDocuments(people) },
    backlog: topic === undefined ? backlog : undefined,
  })
}

function join(topic: string): Connection {
  return connect(new ChannelWire({ topic, socket, host, onEnd: () => ended.push(topic) }), topic)
}

test('what is sent of a channel has its topic, and nothing else differs', () => {
  join('a').sendMessage({ type: 'pong' })
  host.sendMessage({ type: 'pong' })
  expect(socket.sent).toEqual(['{"type":"pong","topic":"a"}', '{"type":"pong"}'])
})

test('a channel ends by a message, and the socket goes on', () => {
  const [one, other] = [join('a'), join('b')]
  one.close(CLOSE_CODES.ACCESS_REMOVED, 'access was removed')
  expect(socket.sent.map((text) => JSON.parse(text))).toEqual([
    { type: 'channel:closed', topic: 'a', code: 4403, reason: 'access was removed' },
  ])
  expect(ended).toEqual(['a'])
  other.sendMessage({ type: 'pong' })
  expect(socket.sent).toHaveLength(2)
})

test('what a reader is behind is counted once, however many channels it has', () => {
  const channels = Array.from({ length: 20 }, (_, i) => join(`${i}`))
  socket.buffered = MEBIBYTE
  for (const channel of channels) channel.sendMessage({ type: 'pong' })
  expect(backlog.bytes).toBe(socket.buffered)
})

test('CHAN-9: presence and broadcasts of all channels are withheld from a reader that is behind', () => {
  const [one, other] = [join('a'), join('b')]
  socket.buffered = MEBIBYTE
  one.sendMessage({ type: 'pong' })
  other.sendMessage({ type: 'pong' })
  expect(one.sendPresence(Buffer.from('state'), 'presence')).toBe(false)
  other.sendBroadcast(Buffer.from('broadcast'))
  expect(socket.sent).toHaveLength(2)
  socket.buffered = 0
  expect([one.catchUp(), other.catchUp()]).toEqual([true, false])
})

test('CHAN-6: a reader that is too slow for one channel is closed, with all of them', () => {
  const [one, other] = [join('a'), join('b')]
  socket.buffered = SEND_BUDGET_BYTES
  one.cork(() => one.sendMessage({ type: 'pong' }))
  expect(socket.closedWith).toBe(CLOSE_CODES.TOO_SLOW)
  expect(host.isClosed).toBe(true)
  // None uses the socket any longer.
  for (const channel of [one, other]) {
    channel.sendMessage({ type: 'pong' })
    channel.cork(() => undefined)
    channel.close(CLOSE_CODES.ACCESS_REMOVED, 'access was removed')
  }
  expect(socket.sent).toHaveLength(1)
})

test('a large frame is not sent in parts, between which those of other channels would come', () => {
  const channel = join('a')
  expect(channel.sendPresence(new Uint8Array(3 * MEBIBYTE), 'presence')).toBe(true)
  expect(socket.sent.map(({ length }) => length)).toEqual([3 * MEBIBYTE])
})
