import * as encoding from 'lib0/encoding'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { inspectUpdate } from './inspect-update.ts'
import { MAX_CLOCK, MAX_UPDATE_DELETES, MAX_VALUE_DEPTH } from './limits.ts'
import { MalformedUpdateError } from './malformed-update-error.ts'
import { locateStruct } from './struct.ts'
import { UpdateInspection } from './update-inspection.ts'

const CLIENT = 5
const GC = 0
const SKIP = 10
const ORIGIN = 0x80
const RIGHT_ORIGIN = 0x40

type Part = number | string | Uint8Array

/** Concatenates: numbers become varUints, strings varStrings, bytes are taken as they are. */
function bytes(...parts: Part[]): Uint8Array {
  const encoder = encoding.createEncoder()
  for (const part of parts) {
    if (typeof part === 'number') encoding.writeVarUint(encoder, part)
    else if (typeof part === 'string') encoding.writeVarString(encoder, part)
    else encoding.writeUint8Array(encoder, part)
  }
  return encoding.toUint8Array(encoder)
}

const raw = (...values: number[]): Uint8Array => Uint8Array.from(values)

/** An info byte: numbers above 127 would otherwise take two. */
const info = (value: number): Uint8Array => raw(value)

const NO_DELETES = 0

/** An update of one client that starts at clock 0 and has nothing deleted. */
function structs(count: number, ...parts: Part[]): Uint8Array {
  return bytes(1, count, CLIENT, 0, ...parts, NO_DELETES)
}

/** An update of one item in the root type `t`. */
function item(kind: number, ...content: Part[]): Uint8Array {
  return structs(1, info(kind), 1, 't', ...content)
}

function any(value: unknown): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeAny(encoder, value as never)
  return encoding.toUint8Array(encoder)
}

function refusal(update: Uint8Array): string {
  try {
    inspectUpdate(update)
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedUpdateError)
    expect((error as MalformedUpdateError).code).toBe('malformed_update')
    return (error as MalformedUpdateError).message
  }
  throw new Error('the update was let through')
}

describe('what inspectUpdate tells', () => {
  test('an empty update', () => {
    expect(inspectUpdate(raw(0, 0))).toEqual({
      ranges: [],
      structs: 0,
      parts: 0,
      copies: 0,
      deepest: 0,
      hasGaps: false,
      dependencies: new Map(),
      deletes: [],
      deletesStart: 1,
      isEmpty: true,
    })
  })

  test('an edit', () => {
    const doc = new Y.Doc()
    doc.clientID = 42
    doc.getMap('shapes').set('a', { x: 1 })
    const update = Y.encodeStateAsUpdate(doc)
    const end = update.length - 1
    expect(inspectUpdate(update)).toEqual({
      ranges: [
        {
          client: 42,
          from: 0,
          to: 1,
          gapStart: 1,
          gapEnd: 0,
          structs: 1,
          start: 4,
          end,
          marks: [],
          depths: [],
          heads: [expect.any(Number)],
          parts: 3,
          leadStructs: 0,
          leadValues: 0,
          endRow: 1,
        },
      ],
      structs: 1,
      // An item, and the object in it.
      parts: 3,
      copies: 0,
      deepest: 0,
      hasGaps: false,
      dependencies: new Map(),
      deletes: [],
      deletesStart: end,
      isEmpty: false,
    })
  })

  test('deletes alone', () => {
    const summary = inspectUpdate(bytes(0, 3, 5, 2, 0, 1, 3, 2, 6, 0, 7, 1, 0, 9))
    const deletes = [
      { client: 5, bounds: [0, 1, 3, 5] },
      { client: 7, bounds: [0, 9] },
    ]
    expect(summary).toMatchObject({ structs: 0, deletes, isEmpty: false })
  })

  test('gaps that Y.mergeUpdates leaves', () => {
    const edits: Uint8Array[] = []
    const doc = new Y.Doc()
    doc.clientID = 42
    doc.on('update', (edit: Uint8Array) => edits.push(edit))
    for (const word of ['one', 'two', 'three']) doc.getText('t').insert(0, word)
    const [first, , third] = edits as [Uint8Array, Uint8Array, Uint8Array]
    expect(inspectUpdate(Y.mergeUpdates([first, third]))).toMatchObject({
      ranges: [{ client: 42, from: 0, to: 11, gapStart: 3, gapEnd: 6 }],
      hasGaps: true,
      structs: 3,
    })
  })

  test('what structs of other clients it builds on, of each client the last', () => {
    const update = bytes(
      bytes(1, 4, CLIENT, 0),
      bytes(info(ORIGIN | 4), 7, 2, 'a'),
      bytes(info(ORIGIN | RIGHT_ORIGIN | 4), 7, 9, 8, 3, 'b'),
      bytes(info(4), 0, 9, 4, 'c'),
      bytes(info(ORIGIN | RIGHT_ORIGIN | 4), 7, 5, CLIENT, 1, 'd'),
      NO_DELETES,
    )
    const dependencies = new Map([
      [7, 9],
      [8, 3],
      [9, 4],
    ])
    expect(inspectUpdate(update).dependencies).toEqual(dependencies)
  })

  test('where structs lie, as closely as asked for', () => {
    const doc = new Y.Doc()
    doc.clientID = 42
    for (let i = 0; i < 100; i++) doc.getMap('t').set(`key ${i}`, 'x'.repeat(i % 7))
    const update = Y.encodeStateAsUpdate(doc)
    const [range] = inspectUpdate(update, { markEveryBytes: 64 }).ranges
    const { marks } = range!
    expect(marks.length / 3).toBeGreaterThan(10)
    for (let i = 0; i < marks.length; i += 3) {
      const [clock, offset, before] = marks.slice(i, i + 3) as [number, number, number]
      const fromStart = { clock: 0, offset: range!.start }
      expect(locateStruct(update, 42, clock, fromStart)).toMatchObject({
        clock,
        start: offset,
        index: before,
      })
    }
    expect(inspectUpdate(update).ranges[0]?.marks).toEqual([])
  })

  test('the same in turns as at once', () => {
    const doc = new Y.Doc()
    for (let client = 1; client < 9; client++) {
      doc.clientID = client
      for (let i = 0; i < 50; i++) doc.getText('t').insert(i, 'abc')
      doc.getText('t').delete(3, 20)
    }
    const update = Y.encodeStateAsUpdate(doc)
    const inspection = new UpdateInspection(update, { markEveryBytes: 32 })
    let turns = 1
    while (!inspection.advance(100)) turns++
    expect(turns).toBeGreaterThan(10)
    expect(inspection.summary).toEqual(inspectUpdate(update, { markEveryBytes: 32 }))
  })

  test('clocks count UTF-16 code units', () => {
    expect(inspectUpdate(item(4, 'aé漢😀')).ranges[0]?.to).toBe(5)
    expect(inspectUpdate(item(4, '\ufeffa')).ranges[0]?.to).toBe(2)
  })

  test('client ids up to 2^53 - 1', () => {
    const update = bytes(1, 1, Number.MAX_SAFE_INTEGER, 0, info(GC), 1, 0)
    expect(inspectUpdate(update).ranges[0]?.client).toBe(Number.MAX_SAFE_INTEGER)
  })

  test('a client without structs has no range', () => {
    expect(inspectUpdate(bytes(1, 0, CLIENT, 0, 0))).toMatchObject({ ranges: [], isEmpty: true })
  })

  test('bytes that are a view into a larger buffer', () => {
    const update = item(4, 'x')
    const larger = bytes(raw(1, 2, 3), update, raw(4, 5, 6))
    expect(inspectUpdate(larger.subarray(3, 3 + update.length))).toEqual(inspectUpdate(update))
  })
})

describe('contents that are let through', () => {
  const values = [
    undefined,
    null,
    true,
    false,
    0,
    -1,
    2 ** 31,
    1.5,
    0.1,
    10n,
    'text',
    raw(1, 2),
    [],
    {},
    [[{ a: [1, 'x'] }]],
  ]
  const cases: [string, Uint8Array, number][] = [
    ['GC', structs(1, info(GC), 7), 7],
    ['Skip', structs(1, info(SKIP), 7), 7],
    ['deleted', item(1, 7), 7],
    ['JSON', item(2, 3, 'undefined', '{"a":[1]}', ' null '), 3],
    ['binary', item(3, 2, raw(0xff, 0xfe)), 1],
    ['string', item(4, 'abc'), 3],
    ['embed', item(5, '{"src":"x"}'), 1],
    ['format', item(6, 'bold', 'true'), 1],
    ['Y.Array', item(7, 0), 1],
    ['Y.Map', item(7, 1), 1],
    ['Y.Text', item(7, 2), 1],
    ['Y.XmlElement', item(7, 3, 'div'), 1],
    ['Y.XmlFragment', item(7, 4), 1],
    ['Y.XmlHook', item(7, 5, 'hook'), 1],
    ['Y.XmlText', item(7, 6), 1],
    ['any', item(8, values.length, ...values.map(any)), values.length],
    ['subdocument', item(9, 'guid', any({ gc: false, autoLoad: true, meta: { a: [1] } })), 1],
    ['origin', structs(2, info(4), 1, 't', 'ab', info(ORIGIN | 4), CLIENT, 1, 'c'), 3],
    ['right origin', structs(2, info(4), 1, 't', 'ab', info(RIGHT_ORIGIN | 4), CLIENT, 0, 'c'), 3],
    ['key', structs(1, info(0x20 | 4), 1, 't', 'key', 'ab'), 2],
    ['parent', structs(2, info(7), 1, 't', 1, info(0x20 | 4), 0, CLIENT, 0, 'key', 'c'), 2],
    ['highest clock', structs(1, info(GC), MAX_CLOCK), MAX_CLOCK],
  ]
  test.each(cases)('%s', (_, update, length) => {
    expect(inspectUpdate(update).ranges).toMatchObject([{ client: CLIENT, from: 0, to: length }])
    expect(Y.parseUpdateMeta(update).to.get(CLIENT)).toBe(length)
    Y.applyUpdate(new Y.Doc(), update)
  })
})

describe('what inspectUpdate refuses', () => {
  const nested = (open: Uint8Array, depth: number): Uint8Array =>
    bytes(...Array.from({ length: depth }, () => open), any(null))
  const nestedJson = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
  const long = (last: number): Uint8Array => raw(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, last)
  const invalidUtf8 = (...values: number[]): Uint8Array => bytes(values.length, raw(...values))

  const cases: [string, Uint8Array, string][] = [
    // the frame around everything
    ['no bytes', raw(), 'unexpected end'],
    ['no delete set', raw(0), 'unexpected end'],
    ['bytes after the delete set', raw(0, 0, 0), '1 bytes too many'],
    ['more clients than bytes', bytes(2 ** 40, 0), 'more than the bytes hold'],
    ['more structs than bytes', structs(2 ** 40, info(GC), 1), 'more than the bytes hold'],
    ['fewer structs than bytes', structs(1, info(GC), 1, info(GC), 1), 'bytes too many'],
    ['a truncated struct', bytes(1, 1, CLIENT, 0, info(4), 1), 'unexpected end'],
    // integers
    ['an integer of 2^53', bytes(1, 1, long(0x10), 0, info(GC), 1, 0), 'safe integer'],
    ['an integer of 2^56 - 1', bytes(1, 1, long(0x7f), 0, info(GC), 1, 0), 'safe integer'],
    [
      'an integer padded until lib0 reads NaN',
      bytes(1, 1, CLIENT, new Uint8Array(200).fill(0x80), raw(0), info(GC), 1, 0),
      'safe integer',
    ],
    ['a signed integer of 2^53 and more', item(8, 1, raw(125), long(0x7f)), 'safe integer'],
    // clients
    [
      'the same client twice, since Yjs forgets the first',
      bytes(2, 1, 5, 0, info(GC), 1, 1, 5, 1, info(GC), 1, 0),
      'descending',
    ],
    [
      'clients in ascending order, since Y.mergeUpdates drops some',
      bytes(2, 1, 1, 0, info(GC), 9, 1, 5, 0, info(GC), 1, 0),
      'descending',
    ],
    // structs
    ['an unknown struct', item(12, 0), 'unknown content 12'],
    ['content 31', item(31, 0), 'unknown content 31'],
    ['Skip with flags, an item to Y.mergeUpdates', structs(1, info(0x20 | SKIP), 1), 'struct 42'],
    ['GC with flags', structs(1, info(ORIGIN | GC), 1), 'unknown struct 128'],
    ['an unknown kind of parent', structs(1, info(4), 2, 't', 'x'), 'kind of parent 2'],
    ['GC of length 0', structs(1, info(GC), 0), 'length 0'],
    ['Skip of length 0', structs(1, info(SKIP), 0), 'length 0'],
    ['deleted content of length 0', item(1, 0), 'length 0'],
    ['an empty string', item(4, ''), 'length 0'],
    ['no JSON', item(2, 0), 'length 0'],
    ['no values', item(8, 0), 'length 0'],
    // clocks
    [
      'a first clock that is too high',
      bytes(1, 1, CLIENT, MAX_CLOCK, info(GC), 1, 0),
      'clock above',
    ],
    ['GC of 2^40', structs(1, info(GC), 2 ** 40), 'clock above'],
    ['Skip of 2^40', structs(1, info(SKIP), 2 ** 40), 'clock above'],
    ['deleted content of 2^40', item(1, 2 ** 40), 'clock above'],
    ['clocks that overflow together', structs(2, info(GC), MAX_CLOCK, info(GC), 1), 'clock above'],
    // references
    ['an origin after itself', structs(1, info(ORIGIN | 4), CLIENT, 3, 'x'), 'cannot exist yet'],
    ['itself as its origin', structs(1, info(ORIGIN | 4), CLIENT, 0, 'x'), 'cannot exist yet'],
    ['a right origin after itself', structs(1, info(0x44), CLIENT, 3, 'x'), 'cannot exist yet'],
    ['a parent after itself', structs(1, info(4), 0, CLIENT, 3, 'x'), 'cannot exist yet'],
    ['an origin of 2^40', structs(1, info(ORIGIN | 4), 1, 2 ** 40, 'x'), 'cannot exist yet'],
    // strings
    ['a string longer than the bytes', item(4, 2 ** 40, raw(0x61)), 'unexpected end'],
    ['a stray continuation byte', item(4, invalidUtf8(0x80)), 'not UTF-8'],
    ['an overlong form', item(4, invalidUtf8(0xc0, 0xaf)), 'not UTF-8'],
    ['a surrogate', item(4, invalidUtf8(0xed, 0xa0, 0x80)), 'not UTF-8'],
    ['a code point above U+10FFFF', item(4, invalidUtf8(0xf4, 0x90, 0x80, 0x80)), 'not UTF-8'],
    ['a character cut in two', item(4, invalidUtf8(0xe6, 0xbc)), 'not UTF-8'],
    ['a root name that is not UTF-8', structs(1, info(4), 1, invalidUtf8(0xff), 'x'), 'not UTF-8'],
    [
      'a key that is not UTF-8',
      structs(1, info(0x24), 1, 't', invalidUtf8(0xff), 'x'),
      'not UTF-8',
    ],
    // contents
    ['more JSON than bytes', item(2, 2 ** 40, '1'), 'more than the bytes hold'],
    ['JSON that does not parse', item(2, 1, '{a:1}'), 'not JSON'],
    ['undefined in an embed', item(5, 'undefined'), 'not JSON'],
    ['an empty embed', item(5, ''), 'not JSON'],
    ['a format that does not parse', item(6, 'bold', "'x'"), 'not JSON'],
    ['JSON too deep to encode', item(5, nestedJson(MAX_VALUE_DEPTH + 1)), 'nests deeper'],
    ['JSON deep enough to overflow', item(5, nestedJson(100_000)), 'nests deeper'],
    ['binary longer than the bytes', item(3, 2 ** 40, raw(1)), 'unexpected end'],
    ['shared type 8', item(7, 8), 'unknown shared type 8'],
    ['more values than bytes', item(8, 2 ** 40, any(null)), 'more than the bytes hold'],
    ['an unknown value', item(8, 1, raw(115)), 'unknown value tag 115'],
    ['value tag 128', item(8, 1, raw(128)), 'unknown value tag 128'],
    [
      'a float cut short',
      bytes(1, 1, CLIENT, 0, info(8), 1, 't', 1, raw(123, 0)),
      'unexpected end',
    ],
    ['an array longer than the bytes', item(8, 1, raw(117), 2 ** 40), 'more than the bytes hold'],
    ['an object larger than the bytes', item(8, 1, raw(118), 2 ** 40), 'more than the bytes hold'],
    ['arrays too deep', item(8, 1, nested(raw(117, 1), MAX_VALUE_DEPTH + 1)), 'nests deeper'],
    ['arrays deep enough to overflow', item(8, 1, nested(raw(117, 1), 100_000)), 'nests deeper'],
    ['objects too deep', item(8, 1, nested(raw(118, 1, 0), MAX_VALUE_DEPTH + 1)), 'nests deeper'],
    [
      'an object that passes for bytes, since Yjs throws when it encodes it again',
      item(8, 1, raw(118, 1), '__proto__', any(raw(1))),
      '__proto__',
    ],
    ['a subdocument without options', item(9, 'guid', any(null)), 'not an object'],
    ['a subdocument with other options', item(9, 'guid', any([])), 'not an object'],
    ['a subdocument that changes its guid', item(9, 'guid', any({ guid: 1 })), 'sets guid'],
    ['a subdocument with a gcFilter', item(9, 'guid', any({ gcFilter: 1 })), 'sets gcFilter'],
    // the delete set
    ['a deleted range of length 0', bytes(0, 1, CLIENT, 1, 3, 0), 'length 0'],
    ['deleted ranges out of order', bytes(0, 1, CLIENT, 2, 10, 1, 5, 1), 'out of order'],
    ['deleted ranges that overlap', bytes(0, 1, CLIENT, 2, 0, 3, 2, 3), 'overlap'],
    ['a deleted range of 2^40', bytes(0, 1, CLIENT, 1, 0, 2 ** 40), 'clock above'],
    ['a client twice', bytes(0, 2, CLIENT, 1, 0, 1, CLIENT, 1, 1, 1), 'client twice'],
    ['more clients deleted than bytes', bytes(0, 2 ** 40), 'more than the bytes hold'],
    ['more deletes than bytes', bytes(0, 1, CLIENT, 2 ** 40, 0, 1), 'more than the bytes hold'],
  ]
  test.each(cases)('%s', (_, update, message) => {
    expect(refusal(update)).toContain(message)
  })

  test('more deleted ranges than Yjs can split structs for in time', () => {
    const ranges = (count: number): Uint8Array => {
      const encoder = encoding.createEncoder()
      encoding.writeVarUint(encoder, count)
      for (let i = 0; i < count; i++) {
        encoding.writeVarUint(encoder, 2 * i)
        encoding.writeVarUint(encoder, 1)
      }
      return encoding.toUint8Array(encoder)
    }
    const most = bytes(0, 2, 7, ranges(MAX_UPDATE_DELETES - 1), CLIENT, ranges(1))
    const deleted = inspectUpdate(most).deletes.reduce((sum, { bounds }) => sum + bounds.length, 0)
    expect(deleted).toBe(2 * MAX_UPDATE_DELETES)

    const tooMany = bytes(0, 2, 7, ranges(MAX_UPDATE_DELETES), CLIENT, ranges(1))
    expect(refusal(tooMany)).toContain(`more than ${MAX_UPDATE_DELETES} deleted ranges`)
    const stored = inspectUpdate(tooMany, { maxDeletes: Number.POSITIVE_INFINITY })
    expect(stored.deletes).toHaveLength(2)
  })

  test('the message and the error say where', () => {
    const error = new MalformedUpdateError('string is not JSON', 17)
    expect(error.message).toBe('malformed update: string is not JSON at byte 17')
    expect(error.offset).toBe(17)
    expect(refusal(item(5, '{a:1}'))).toMatch(/at byte 10$/)
  })

  test('nesting up to the bound passes', () => {
    const deep = nested(raw(117, 1), MAX_VALUE_DEPTH)
    expect(inspectUpdate(item(8, 1, deep)).structs).toBe(1)
    expect(inspectUpdate(item(5, nestedJson(MAX_VALUE_DEPTH))).structs).toBe(1)
  })
})
