import {
  type BoardRole,
  DRAFT_BURST,
  DRAFT_BYTE_BURST,
  DRAFT_BYTES_PER_SECOND,
  type DraftChange,
  MAX_DRAFT_BYTES,
  MAX_DRAFT_BYTES_PER_BOARD,
  MAX_DRAFTS_PER_CONNECTION,
  MAX_VALUE_DEPTH,
  type SentDraft,
  type ServerMessage,
} from '@mindfuse/protocol'
import { createLogger } from '@mindfuse/service-kit'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Connection } from '../connection/connection.ts'
import { BoardDelivery } from '../delivery/board-delivery.ts'
import { DeliveryClock } from '../delivery/delivery-clock.ts'
import { People } from '../person/people.ts'
import type { BoardRelay } from '../relay/board-relay.ts'
import { BoardDrafts } from './board-drafts.ts'

let members: Set<Connection>
let relayed: SentDraft[][]
let outcomes: string[]
let clock: DeliveryClock
let people: People
let board: BoardDrafts

beforeEach(() => {
  vi.useFakeTimers()
  members = new Set()
  relayed = []
  outcomes = []
  clock = new DeliveryClock()
  people = new People()
  board = new BoardDrafts({
    boardId: 'board',
    delivery: new BoardDelivery(members, clock),
    relay: {
      sendUnlessAlone: (_kind: number, payload: () => Uint8Array) =>
        relayed.push(JSON.parse(Buffer.from(payload()).toString())),
    } as unknown as BoardRelay,
    people,
    log: createLogger({ service: 'test', level: 'silent' }),
    onOutcome: (outcome) => outcomes.push(outcome),
  })
})
afterEach(() => vi.useRealTimers())

/** A connection, as far as drafts know one, and what it was sent. */
function join(id: string, role: BoardRole = 'editor') {
  const raw: Uint8Array[] = []
  const messages: ServerMessage[] = []
  const user = { id: `user of ${id}`, name: id }
  people.of(user.id)
  const connection = {
    ...{ id, role, user, userId: user.id },
    cork: (send: () => void) => send(),
    sendPresence: (frame: Uint8Array) => raw.push(frame),
    sendMessage: (message: ServerMessage) => messages.push(message),
  } as unknown as Connection
  members.add(connection)
  const send = (...changes: DraftChange[]) =>
    board.receive(connection, JSON.stringify(changes).length, () => changes)
  /** What it was sent since the last time. */
  const read = (): SentDraft[][] =>
    raw.splice(0).map((frame) => JSON.parse(Buffer.from(frame).toString()).drafts)
  return { id, user, connection, read, messages, send }
}

const whole = (id: string, value: unknown, version = 1): DraftChange => ({ id, version, value })
const append = (id: string, from: number, ...points: number[]): DraftChange => ({
  ...{ id, from, version: from + 1 },
  append: { points },
})
const ended = (id: string): DraftChange => ({ id, ended: true })
const changesOf = (frames: SentDraft[][]) => frames.flat().map(({ change }) => change)
const text = (bytes: number) => 'x'.repeat(bytes - 2)

/** Opens the window of the board: what follows is collected. */
function openWindow(): void {
  join('opens').send(whole('opens', 0))
  relayed.length = 0
  outcomes.length = 0
}

describe('in one window', () => {
  test('DRAFT-1 DRAFT-2: all that is new of a draft is one change, the same for readers and gateways', () => {
    const [reader, sender] = [join('reader'), join('sender')]
    openWindow()
    reader.read()
    sender.send(whole('stroke', { points: [1] }))
    sender.send(append('stroke', 1, 2))
    sender.send(append('stroke', 2, 3), whole('move', { x: 1 }))
    sender.send(whole('move', { x: 2 }, 2))
    clock.flush()
    const { id: connectionId, user } = sender
    const sent = [
      { connectionId, user, change: whole('stroke', { points: [1, 2, 3] }, 3) },
      { connectionId, user, change: whole('move', { x: 2 }, 2) },
    ]
    expect(reader.read()).toEqual([sent])
    expect(relayed).toEqual([sent])
  })

  test('DRAFT-1: what was appended is sent without a user, and not to its sender', () => {
    const [reader, sender] = [join('reader'), join('sender')]
    sender.send(append('stroke', 7, 2))
    expect(reader.read()).toEqual([[{ connectionId: 'sender', change: append('stroke', 7, 2) }]])
    expect(sender.read()).toEqual([])
  })

  test('DRAFT-1: a frame with drafts of several is for all of them', () => {
    const [one, two] = [join('one'), join('two')]
    openWindow()
    one.read()
    two.read()
    one.send(whole('stroke', 1))
    two.send(whole('stroke', 2))
    clock.flush()
    for (const { read } of [one, two]) {
      expect(changesOf(read())).toEqual([whole('stroke', 1), whole('stroke', 2)])
    }
  })

  test('DRAFT-9: what the members have no room for is deferred and merged, the longest deferred first', () => {
    const reader = join('reader')
    const senders = ['a', 'b', 'c'].map((id) => join(id))
    // So many that each has room for one of these values in a window.
    for (let i = 0; i < 100; i++) join(`${i}`)
    openWindow()
    reader.read()
    for (const { send } of senders) send(whole('stroke', { text: text(30_000), points: [] }))
    clock.flush()
    const senderOf = (frame: SentDraft[] | undefined) =>
      frame?.map(({ connectionId }) => connectionId)
    expect(reader.read().map(senderOf)).toEqual([['a']])
    senders[0]?.send(append('stroke', 1, 1))
    senders[2]?.send(append('stroke', 1, 1))
    vi.advanceTimersByTime(1_000)
    const frames = reader.read()
    expect(frames.map(senderOf)).toEqual([['b'], ['c', 'a']])
    expect(frames[1]).toMatchObject([{ change: { version: 2, value: { points: [1] } } }, {}])
    expect(board.hasPending).toBe(false)
  })
})

describe('what a connection may not', () => {
  test.each<BoardRole>(['viewer', 'commenter'])('DRAFT-3: a %s has no drafts', (role) => {
    const [reader, sender] = [join('reader'), join('sender', role)]
    sender.send(whole('stroke', 1))
    expect(sender.messages).toEqual([{ type: 'draft:rejected', code: 'forbidden' }])
    expect(reader.read()).toEqual([])
    expect(relayed).toEqual([])
    expect(outcomes).toEqual(['forbidden'])
  })

  test('DRAFT-3: its drafts end with its role, and with itself, each once', () => {
    const [reader, sender] = [join('reader'), join('sender')]
    sender.send(whole('a', 1), whole('b', 1), whole('c', 1))
    sender.send(ended('b'))
    clock.flush()
    reader.read()
    board.end(sender.connection)
    clock.flush()
    expect(changesOf(reader.read())).toEqual([ended('a'), ended('c')])
    sender.send(whole('d', 1))
    clock.flush()
    reader.read()
    members.delete(sender.connection)
    board.leave(sender.connection)
    board.leave(sender.connection)
    clock.flush()
    expect(changesOf(reader.read())).toEqual([ended('d')])
    expect(changesOf(relayed).at(-1)).toEqual(ended('d'))
  })

  test('DRAFT-6: more than their number, or their bytes, together, and all of it is left out', () => {
    const [reader, sender] = [join('reader'), join('sender')]
    const many = Array.from({ length: MAX_DRAFTS_PER_CONNECTION }, (_, i) => whole(`${i}`, i))
    sender.send(...many)
    clock.flush()
    reader.read()
    sender.send(ended('0'), whole('one more', 1), whole('another', 1))
    sender.send(whole('1', text(MAX_DRAFT_BYTES)))
    sender.send(append('2', 1, ...Array(MAX_DRAFT_BYTES / 2).fill(1)))
    clock.flush()
    expect(sender.messages).toEqual(
      ['too_many', 'too_large', 'too_large'].map((code) => ({ type: 'draft:rejected', code })),
    )
    expect(reader.read()).toEqual([])
    sender.send(ended('0'), whole('one more', text(60_000)))
    clock.flush()
    expect(changesOf(reader.read()).map(({ id }) => id)).toEqual(['0', 'one more'])
  })

  test('DRAFT-6: appends count, until all of the draft does', () => {
    const sender = join('sender')
    const half = Array(MAX_DRAFT_BYTES / 4 - 20).fill(1)
    sender.send(whole('stroke', { points: half }))
    sender.send(append('stroke', 1, ...half))
    sender.send(append('stroke', 2, ...half))
    expect(outcomes).toEqual(['accepted', 'accepted', 'too_large'])
    sender.send(whole('stroke', { points: [] }))
    sender.send(append('stroke', 1, ...half))
    expect(outcomes.slice(3)).toEqual(['accepted', 'accepted'])
  })

  test('DRAFT-6: a value that is nested too deep', () => {
    const sender = join('sender')
    const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth))
    sender.send(whole('fits', nested(MAX_VALUE_DEPTH)))
    sender.send(whole('deep', nested(MAX_VALUE_DEPTH + 1)))
    sender.send(append('deep', 1, nested(MAX_VALUE_DEPTH)))
    expect(outcomes).toEqual(['accepted', 'too_large', 'too_large'])
  })

  test('DRAFT-7: more frames than its rate', () => {
    const sender = join('sender')
    for (let i = 0; i < DRAFT_BURST + 1; i++) sender.send(whole('stroke', i))
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(DRAFT_BURST)
    expect(sender.messages).toEqual([{ type: 'draft:rejected', code: 'rate_limited' }])
    vi.advanceTimersByTime(1_000)
    sender.send(whole('stroke', 'again'))
    expect(outcomes.at(-1)).toBe('accepted')
  })

  test('DRAFT-7: more bytes than its person, whose connections share them', () => {
    const [one, two] = [join('one'), join('two')]
    Object.assign(two.connection, { user: one.user, userId: one.user.id })
    const large = whole('stroke', text(60_000))
    const most = Math.ceil(DRAFT_BYTE_BURST / 60_000) + 1
    for (let i = 0; i < most; i++) [one, two][i % 2]?.send(large)
    expect(outcomes.at(-1)).toBe('rate_limited')
    vi.advanceTimersByTime((1_000 * 2 * 60_000) / DRAFT_BYTES_PER_SECOND)
    two.send(large)
    expect(outcomes.at(-1)).toBe('accepted')
  })

  test('DRAFT-9: what waits for a board is bounded, from here and from elsewhere', () => {
    openWindow()
    const large = whole('stroke', text(60_000))
    const most = Math.floor(MAX_DRAFT_BYTES_PER_BOARD / 60_000)
    for (let i = 0; i < most; i++) join(`${i}`).send(large)
    join('late').send(large)
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(most)
    expect(outcomes.at(-1)).toBe('rate_limited')
    const elsewhere = { connectionId: 'elsewhere', user: { id: 'x', name: 'X' }, change: large }
    board.receiveRelayed(Buffer.from(JSON.stringify([elsewhere])))
    const reader = join('reader')
    vi.advanceTimersByTime(20_000)
    expect(board.hasPending).toBe(false)
    expect(
      reader
        .read()
        .flat()
        .map(({ connectionId }) => connectionId),
    ).not.toContain('elsewhere')
    join('again').send(large)
    expect(outcomes.at(-1)).toBe('accepted')
  })
})

test('DRAFT-1: what another gateway relays reaches the members, and goes no further', () => {
  const reader = join('reader')
  const user = { id: 'user', name: 'User' }
  const drafts = [{ connectionId: 'elsewhere', user, change: whole('stroke', 1) }]
  board.receiveRelayed(Buffer.from(JSON.stringify(drafts)))
  expect(reader.read()).toEqual([drafts])
  expect(relayed).toEqual([])
  for (const text of ['', '{}', '[{}]', '[{"connectionId":"x","change":{"id":"x"}}]', 'null']) {
    board.receiveRelayed(Buffer.from(text))
  }
  clock.flush()
  expect(reader.read()).toEqual([])
})
