import {
  BROADCAST_BURST,
  type ChannelClientMessage,
  MAX_BROADCAST_BYTES,
  MAX_PRESENCE_BYTES,
} from '@mindfuse/protocol'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Tokens } from '../auth/tokens.ts'
import { BACKOFF_BASE_MS } from '../backoff.ts'
import { resolveEnvironment, type WebSocketLike } from '../environment.ts'
import type { Channel } from './channel.ts'
import { Channels } from './channels.ts'
import type { ChannelOptions, ChannelTopic } from './types.ts'

const BOARD = 'board:1'
const OTHER = 'board:2'
const TIMEOUT_MS = 10_000
const HEARTBEAT_SECONDS = 30

type Message = ChannelClientMessage & { topic?: string; ref?: number }

/** A WebSocket whose other end the test is. */
class Line implements WebSocketLike {
  static all: Line[] = []
  binaryType = ''
  readyState = 1
  bufferedAmount = 0
  onmessage: ((event: never) => void) | null = null
  onclose: ((event: never) => void) | null = null
  onerror: ((event: never) => void) | null = null
  readonly sent: Message[] = []

  constructor() {
    Line.all.push(this)
  }

  send(data: string | Uint8Array): void {
    this.sent.push(JSON.parse(String(data)))
  }

  close(): void {
    this.readyState = 3
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) } as never)
  }

  greet(): void {
    this.say({
      ...{ type: 'hello', connectionId: 'host', user: { id: 'ada', name: 'Ada' } },
      limits: { maxBroadcastBytes: MAX_BROADCAST_BYTES, maxPresenceBytes: MAX_PRESENCE_BYTES },
      heartbeatSeconds: HEARTBEAT_SECONDS,
    })
  }

  cut(code = 1006): void {
    this.readyState = 3
    this.onclose?.({ code } as never)
  }

  of(type: string, topic?: string): Message[] {
    return this.sent.filter((message) => {
      return message.type === type && (topic === undefined || message.topic === topic)
    })
  }

  /** Answers the last message of a type. */
  answer(type: string, topic: string, code?: string): void {
    const { ref } = this.of(type, topic).at(-1) ?? {}
    const isJoin = type === 'channel:join' && code === undefined
    if (isJoin) this.say({ type: 'channel:joined', topic, ref, role: 'editor' })
    else {
      const outcome = code === undefined ? { status: 'ok' } : { status: 'error', code }
      this.say({ type: 'channel:reply', topic, ref, ...outcome })
    }
  }
}

let channels: Channels
let heartbeats: string[]

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  Line.all = []
  heartbeats = []
  const expiresAt = new Date(24 * 60 * 60 * 1_000).toISOString()
  const random = () => 1
  channels = new Channels({
    url: 'ws://gateway/channels',
    tokens: new Tokens({ getToken: async () => ({ accessToken: 't', expiresAt }), random }),
    environment: resolveEnvironment({ WebSocket: Line, random }),
    maxHeartbeatSeconds: HEARTBEAT_SECONDS,
    httpSend: async () => undefined,
  })
  channels.socket.events.on('heartbeat', (state) => heartbeats.push(state))
})
afterEach(() => {
  channels.socket.close()
  vi.useRealTimers()
})

/** The newest WebSocket, once it was opened. */
async function line(): Promise<Line> {
  await vi.advanceTimersByTimeAsync(0)
  const newest = Line.all.at(-1)
  if (!newest) throw new Error('no WebSocket was opened')
  return newest
}

interface Watched {
  channel: Channel
  statuses: string[]
  troubles: string[]
}

function subscribe(topic: ChannelTopic = BOARD, options: ChannelOptions = {}): Watched {
  const channel = channels.open(topic, options)
  const watched: Watched = { channel, statuses: [], troubles: [] }
  channel.on('system', {}, ({ extension, error }) => {
    watched.troubles.push(`${extension} ${error.code}`)
  })
  channel.subscribe((status, error) => {
    watched.statuses.push(error ? `${status} ${error.code}` : status)
  })
  return watched
}

async function joined(topic: ChannelTopic = BOARD, options?: ChannelOptions) {
  const watched = subscribe(topic, options)
  const socket = await line()
  if (socket.sent.length === 0) socket.greet()
  socket.answer('channel:join', topic)
  return { ...watched, socket }
}

/** What a promise has resolved with so far. */
async function now<Value>(promise: Promise<Value>): Promise<Value | 'pending'> {
  return Promise.race([promise, vi.advanceTimersByTimeAsync(0).then(() => 'pending' as const)])
}

const broadcast = (event: string, payload: unknown = null) =>
  ({ type: 'broadcast', event, payload }) as const

describe('the socket', () => {
  test('is one for all channels, and closes some time after the last was left', async () => {
    const all = Array.from({ length: 20 }, (_, i) => subscribe(`board:${i}`))
    const socket = await line()
    socket.greet()
    expect(socket.of('channel:join').map(({ topic }) => topic)).toEqual(
      all.map(({ channel }) => channel.topic),
    )
    void channels.removeAll()
    await vi.advanceTimersByTimeAsync(9_000)
    const again = subscribe(OTHER)
    await vi.advanceTimersByTimeAsync(5_000)
    socket.say({ type: 'pong' })
    expect([Line.all.length, socket.readyState]).toEqual([1, 1])
    void again.channel.unsubscribe()
    await vi.advanceTimersByTimeAsync(11_000)
    expect(socket.readyState).toBe(3)
    subscribe()
    await line()
    expect(Line.all).toHaveLength(2)
  })

  test('is checked, which is reported', async () => {
    const { socket } = await joined()
    await vi.advanceTimersByTimeAsync((HEARTBEAT_SECONDS * 1_000) / 3)
    expect(heartbeats).toEqual(['sent'])
    socket.say({ type: 'pong' })
    expect(heartbeats).toEqual(['sent', 'ok'])
    await vi.advanceTimersByTimeAsync(HEARTBEAT_SECONDS * 1_000)
    expect(heartbeats.slice(2)).toEqual(['sent', 'timeout', 'disconnected'])
  })

  test('that is refused for good ends all channels, and a later subscription tries again', async () => {
    const [one, other] = [await joined(), await joined(OTHER)]
    // Nothing that this SDK sends: a gateway that does not understand it.
    one.socket.cut(4400)
    await line()
    for (const { statuses, channel } of [one, other]) {
      expect(statuses.at(-1)).toBe('CHANNEL_ERROR 4400')
      expect(channel.state).toBe('closed')
    }
    expect(channels.all).toEqual([])
    subscribe()
    await line()
    expect(Line.all).toHaveLength(2)
  })
})

describe('joining', () => {
  test('that takes long is reported once, and goes on', async () => {
    const { statuses, channel } = subscribe()
    const socket = await line()
    socket.greet()
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS - 1)
    expect(statuses).toEqual([])
    // Something arrives, so that the socket is alive.
    for (let i = 0; i < 10; i++) {
      socket.say({ type: 'pong' })
      await vi.advanceTimersByTimeAsync(5_000)
    }
    expect([statuses, channel.state]).toEqual([['TIMED_OUT'], 'joining'])
    socket.answer('channel:join', BOARD)
    expect(statuses).toEqual(['TIMED_OUT', 'SUBSCRIBED'])
  })

  test('that is refused for now is tried again, after longer each time, and for one channel alone', async () => {
    const other = await joined(OTHER)
    const { statuses, channel } = subscribe()
    const { socket } = other
    for (let i = 0; i < 3; i++) {
      socket.answer('channel:join', BOARD, 'permission_unavailable')
      expect(channel.state).toBe('errored')
      const attempts = () => socket.of('channel:join', BOARD).length
      await vi.advanceTimersByTimeAsync(BACKOFF_BASE_MS * 2 ** i - 1)
      expect(attempts()).toBe(i + 1)
      await vi.advanceTimersByTimeAsync(1)
      expect(attempts()).toBe(i + 2)
    }
    socket.answer('channel:join', BOARD)
    const refused = 'CHANNEL_ERROR permission_unavailable'
    expect(statuses).toEqual([refused, refused, refused, 'SUBSCRIBED'])
    expect(other.statuses).toEqual(['SUBSCRIBED'])
  })

  test.for(['channel_not_found', 'too_many_channels'])(
    'that is refused with %s is over',
    async (code) => {
      const { statuses, channel } = subscribe()
      const sent = channel.send(broadcast('x'))
      const tracked = channel.track({ at: 1 })
      const socket = await line()
      socket.greet()
      socket.answer('channel:join', BOARD, code)
      expect(statuses).toEqual([`CHANNEL_ERROR ${code}`])
      expect([await sent, await tracked]).toEqual(['error', 'error'])
      await vi.advanceTimersByTimeAsync(60_000)
      expect(socket.of('channel:join')).toHaveLength(1)
      expect(channels.all).toEqual([])
    },
  )

  test('again at once is not confused by the answers to the first', async () => {
    const first = subscribe()
    const socket = await line()
    socket.greet()
    const left = first.channel.unsubscribe()
    const second = subscribe()
    expect(second.channel).not.toBe(first.channel)
    const [join] = socket.of('channel:join')
    // It was decided before the gateway read that it is not wanted any longer.
    socket.say({ type: 'channel:joined', topic: BOARD, ref: join?.ref, role: 'editor' })
    socket.say({ type: 'channel:presence', topic: BOARD, presences: [], full: true })
    socket.answer('channel:leave', BOARD)
    expect(await left).toBe('ok')
    expect([first.statuses, second.statuses]).toEqual([['CLOSED'], []])
    socket.answer('channel:join', BOARD)
    expect(second.statuses).toEqual(['SUBSCRIBED'])
  })

  test('twice adds a listener', async () => {
    const { channel, statuses, socket } = await joined()
    const more: string[] = []
    expect(channels.open(BOARD, {}).subscribe((status) => more.push(status))).toBe(channel)
    expect(socket.of('channel:join')).toHaveLength(1)
    socket.cut()
    channel.subscribe((status) => more.push(`late ${status}`))
    void channel.unsubscribe()
    expect(more).toEqual(['SUBSCRIBED', 'CHANNEL_ERROR', 'CLOSED', 'late CLOSED'])
    expect(statuses).toEqual(['SUBSCRIBED', 'CHANNEL_ERROR network_error', 'CLOSED'])
  })

  test('with another object is refused', async () => {
    const { channel, statuses } = await joined()
    void channel.unsubscribe()
    const second = subscribe()
    channel.subscribe((status, error) => statuses.push(`${status} ${error?.code}`))
    expect(statuses.at(-1)).toBe('CHANNEL_ERROR already_joined')
    expect(channels.all).toEqual([second.channel])
  })

  test.for(['board', 'board:', 'user:1', 'board:1:2', `board:${'x'.repeat(65)}`])(
    '%s is no topic',
    (topic) => {
      expect(() => channels.open(topic as ChannelTopic, {})).toThrow(TypeError)
    },
  )
})

describe('leaving', () => {
  test('is answered, or takes too long', async () => {
    const { channel, socket, statuses } = await joined()
    const left = channel.unsubscribe()
    expect(await now(left)).toBe('pending')
    socket.answer('channel:leave', BOARD)
    expect([await left, statuses.at(-1)]).toEqual(['ok', 'CLOSED'])
    const second = await joined()
    const late = second.channel.unsubscribe(1_000)
    await vi.advanceTimersByTimeAsync(1_000)
    expect([await late, second.statuses.at(-1)]).toEqual(['timed out', 'CLOSED'])
  })

  test('without a connection is done at once', async () => {
    const { channel, socket, statuses } = await joined()
    socket.cut()
    expect(await channel.unsubscribe()).toBe('ok')
    expect(statuses).toEqual(['SUBSCRIBED', 'CHANNEL_ERROR network_error', 'CLOSED'])
    expect(await channels.open(BOARD, {}).unsubscribe()).toBe('ok')
  })

  test('while it waits for the answer, its connection ends', async () => {
    const { channel, socket, statuses } = await joined()
    const left = channel.unsubscribe()
    socket.cut()
    expect([await left, statuses.at(-1)]).toEqual(['ok', 'CLOSED'])
  })
})

describe('broadcasts', () => {
  test('that are sent before the channel is joined wait, in order; of too many the oldest is dropped', async () => {
    const { channel, troubles } = subscribe()
    const payload = { n: 0 }
    const sends = Array.from({ length: 51 }, (_, n) => {
      payload.n = n
      return channel.send(broadcast('n', payload))
    })
    expect(await sends[0]).toBe('error')
    expect(troubles).toEqual(['broadcast buffer_full'])
    const socket = await line()
    socket.greet()
    expect(await now(sends[1] as Promise<string>)).toBe('pending')
    socket.answer('channel:join', BOARD)
    expect(new Set(await Promise.all(sends.slice(1)))).toEqual(new Set(['ok']))
    const arrived = socket.of('channel:broadcast')
    expect(arrived.map((message) => 'payload' in message && message.payload)).toEqual(
      Array.from({ length: 50 }, (_, i) => ({ n: i + 1 })),
    )
    expect(arrived.length).toBeLessThan(BROADCAST_BURST)
  })

  test('are confirmed where that is asked for, or it takes too long, or they are lost', async () => {
    const { channel, socket, troubles } = await joined(BOARD, { broadcast: { ack: true } })
    const sends = ['a', 'b'].map((event) => channel.send(broadcast(event)))
    expect(await now(sends[0] as Promise<string>)).toBe('pending')
    socket.answer('channel:broadcast', BOARD)
    expect(await sends[1]).toBe('ok')
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS)
    expect(await sends[0]).toBe('timed out')
    const refused = channel.send(broadcast('c'))
    socket.answer('channel:broadcast', BOARD, 'forbidden')
    expect(await refused).toBe('error')
    const lost = channel.send(broadcast('d'))
    socket.cut()
    expect(await lost).toBe('error')
    expect(troubles).toEqual(['broadcast forbidden', 'broadcast network_error'])
  })

  test('are not sent if they would end the connection', async () => {
    const { channel, socket, troubles } = await joined()
    expect(await channel.send(broadcast('large', 'x'.repeat(MAX_BROADCAST_BYTES)))).toBe('error')
    expect(troubles).toEqual(['broadcast too_large'])
    for (const event of ['', 'x'.repeat(65)]) {
      await expect(channel.send(broadcast(event))).rejects.toThrow(RangeError)
    }
    await expect(channel.send(broadcast('n', 1n))).rejects.toThrow(TypeError)
    expect(socket.of('channel:broadcast')).toEqual([])
    await channel.send({ type: 'broadcast', event: 'nothing' })
    await channel.send(broadcast('function', () => 1))
    expect(socket.of('channel:broadcast')).toMatchObject([{ payload: null }, { payload: null }])
  })

  test('that are refused after joining may end the channel in their listener, and nothing follows', async () => {
    const { channel, statuses } = subscribe()
    channel.on('system', {}, () => void channel.unsubscribe())
    const sent = [broadcast('x', 'x'.repeat(17_000)), broadcast('y')].map((each) =>
      channel.send(each),
    )
    const socket = await line()
    socket.greet()
    socket.answer('channel:join', BOARD)
    socket.answer('channel:leave', BOARD)
    expect(statuses).toEqual(['CLOSED'])
    expect(socket.of('channel:broadcast')).toEqual([])
    expect(await Promise.all(sent)).toEqual(['error', 'error'])
  })

  test('arrive under their names, and under *', async () => {
    const { channel, socket } = await joined()
    const received: string[] = []
    const all = ({ event }: { event: string }) => received.push(`* ${event}`)
    channel.on('broadcast', { event: 'a' }, ({ event }) => received.push(event))
    channel.on('broadcast', { event: '*' }, all)
    const say = (event: string, topic = BOARD) =>
      socket.say({
        type: 'channel:broadcast',
        topic,
        event,
        payload: 1,
        user: {},
        connectionId: '',
      })
    say('a')
    say('b')
    say('*')
    say('a', OTHER)
    channel.off('broadcast', { event: '*' }, all)
    say('a')
    expect(received).toEqual(['a', '* a', '* b', '* *', 'a'])
  })
})

describe('presence', () => {
  const states = (socket: Line) =>
    socket.of('channel:presence', BOARD).map((message) => 'state' in message && message.state)

  test('is given again with each join, the newest state alone', async () => {
    const { channel, socket } = await joined(BOARD, { presence: { key: 'ada' } })
    const first = channel.track({ at: 1 })
    socket.answer('channel:presence', BOARD)
    expect(await first).toBe('ok')
    const lost = channel.track({ at: 2 })
    socket.cut()
    const later = channel.track({ at: 3 })
    await vi.advanceTimersByTimeAsync(BACKOFF_BASE_MS)
    const next = await line()
    next.greet()
    expect(states(next)).toEqual([])
    next.answer('channel:join', BOARD)
    expect(states(next)).toEqual([{ at: 3, presence_key: 'ada' }])
    next.answer('channel:presence', BOARD)
    expect([await lost, await later]).toEqual(['ok', 'ok'])

    const gone = channel.untrack()
    next.answer('channel:presence', BOARD)
    expect([await gone, states(next).at(-1)]).toEqual(['ok', null])
    next.cut()
    await vi.advanceTimersByTimeAsync(2 * BACKOFF_BASE_MS)
    const last = await line()
    last.greet()
    last.answer('channel:join', BOARD)
    expect(states(last)).toEqual([])
  })

  test('that is refused leaves the state before, also with the next join', async () => {
    const { channel, socket, troubles } = await joined()
    void channel.track({ at: 1 })
    socket.answer('channel:presence', BOARD)
    const refused = channel.track({ at: 'x'.repeat(MAX_PRESENCE_BYTES) })
    socket.answer('channel:presence', BOARD, 'too_large')
    expect([await refused, troubles]).toEqual(['error', ['presence too_large']])
    expect(await channel.track({ at: 'x'.repeat(MAX_BROADCAST_BYTES) })).toBe('error')
    socket.cut()
    await vi.advanceTimersByTimeAsync(BACKOFF_BASE_MS)
    const next = await line()
    next.greet()
    next.answer('channel:join', BOARD)
    expect(states(next)).toEqual([{ at: 1 }])
  })

  test('that cannot be confirmed is given again once access is', async () => {
    const { channel, socket } = await joined()
    const tracked = channel.track({ at: 1 })
    socket.answer('channel:presence', BOARD, 'unconfirmed')
    expect(await now(tracked)).toBe('pending')
    socket.say({ type: 'access', topic: BOARD, state: 'confirmed' })
    expect(states(socket)).toEqual([{ at: 1 }, { at: 1 }])
    socket.answer('channel:presence', BOARD)
    expect(await tracked).toBe('ok')
  })

  test('is not given without a subscription', async () => {
    const channel = channels.open(BOARD, {})
    expect(await channel.track({ at: 1 })).toBe('error')
    expect(await channel.untrack()).toBe('ok')
    expect(await channel.send(broadcast('x'))).toBe('error')
    expect(Line.all).toEqual([])
  })
})

describe('the end of a channel', () => {
  test('for lack of access is for good, and of no other channel', async () => {
    const { channel, socket, statuses } = await joined()
    const other = await joined(OTHER)
    socket.say({ type: 'channel:closed', topic: BOARD, code: 4403, reason: 'access was removed' })
    expect(statuses).toEqual(['SUBSCRIBED', 'CHANNEL_ERROR access_removed'])
    await vi.advanceTimersByTimeAsync(5_000)
    expect([channel.state, other.channel.state]).toEqual(['closed', 'joined'])
    expect(channels.all).toEqual([other.channel])
  })

  test('by a fault is not: it is joined again', async () => {
    const { socket, statuses } = await joined()
    socket.say({ type: 'channel:closed', topic: BOARD, code: 1011, reason: 'internal error' })
    await vi.advanceTimersByTimeAsync(BACKOFF_BASE_MS)
    socket.answer('channel:join', BOARD)
    expect(statuses).toEqual(['SUBSCRIBED', 'CHANNEL_ERROR 1011', 'SUBSCRIBED'])
  })

  test('leaves nothing that waits, and a listener may leave in it', async () => {
    const { channel, socket, statuses } = await joined()
    const { channel: other } = await joined(OTHER)
    channel.on('system', {}, () => void other.unsubscribe())
    socket.cut()
    const waiting = channel.send(broadcast('x'))
    channels.socket.close()
    expect([await waiting, statuses.at(-1)]).toEqual(['error', 'CLOSED'])
    expect(vi.getTimerCount()).toBe(0)
    const late: string[] = []
    channel.subscribe((status, error) => late.push(`${status} ${error?.code}`))
    expect(late).toEqual(['CHANNEL_ERROR closed'])
  })
})
