import fc from 'fast-check'
import * as encoding from 'lib0/encoding'
import { describe, expect, test } from 'vitest'
import * as syncProtocol from 'y-protocols/sync'
import * as Y from 'yjs'
import {
  decodeFrame,
  encodeAwareness,
  encodeSyncStep1,
  encodeSyncStep2,
  encodeUpdate,
  type Frame,
  MalformedFrameError,
} from './frames.ts'

const QUERY_AWARENESS = Uint8Array.of(3)

const KINDS: [string, (payload: Uint8Array) => Uint8Array, (payload: Uint8Array) => Frame][] = [
  ['sync-step-1', encodeSyncStep1, (stateVector) => ({ kind: 'sync-step-1', stateVector })],
  ['sync-step-2', encodeSyncStep2, (update) => ({ kind: 'sync-step-2', update })],
  ['update', encodeUpdate, (update) => ({ kind: 'update', update })],
  ['awareness', encodeAwareness, (update) => ({ kind: 'awareness', update })],
]

/** The bytes as a view in the middle of a larger buffer, as a pool hands them out. */
function within(bytes: Uint8Array): Uint8Array {
  const pool = new Uint8Array(bytes.length + 64)
  pool.set(bytes, 16)
  return pool.subarray(16, 16 + bytes.length)
}

describe('a frame', () => {
  test.each(KINDS)('of kind %s carries its payload unchanged', (_, encode, expected) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (payload) => {
        expect(decodeFrame(encode(payload))).toEqual(expected(payload))
        expect(decodeFrame(within(encode(payload)))).toEqual(expected(payload))
      }),
    )
  })

  test('of kind query-awareness carries nothing', () => {
    expect(decodeFrame(QUERY_AWARENESS)).toEqual({ kind: 'query-awareness' })
  })

  test('is these bytes and no others', () => {
    const payload = Uint8Array.of(7, 8)
    expect(encodeSyncStep1(payload)).toEqual(Uint8Array.of(0, 0, 2, 7, 8))
    expect(encodeSyncStep2(payload)).toEqual(Uint8Array.of(0, 1, 2, 7, 8))
    expect(encodeUpdate(payload)).toEqual(Uint8Array.of(0, 2, 2, 7, 8))
    expect(encodeAwareness(payload)).toEqual(Uint8Array.of(1, 2, 7, 8))
  })

  test('is written as y-protocols writes it', () => {
    const doc = new Y.Doc()
    doc.getMap('shapes').set('a', 1)
    const update = Y.encodeStateAsUpdate(doc)
    const written = (write: (encoder: encoding.Encoder) => void) => {
      const encoder = encoding.createEncoder()
      encoding.writeVarUint(encoder, 0)
      write(encoder)
      return encoding.toUint8Array(encoder)
    }
    expect(encodeSyncStep1(Y.encodeStateVector(doc))).toEqual(
      written((encoder) => syncProtocol.writeSyncStep1(encoder, doc)),
    )
    expect(encodeSyncStep2(update)).toEqual(
      written((encoder) => syncProtocol.writeSyncStep2(encoder, doc)),
    )
    expect(encodeUpdate(update)).toEqual(
      written((encoder) => syncProtocol.writeUpdate(encoder, update)),
    )
  })

  test('is taken apart without a copy', () => {
    const frame = encodeUpdate(Uint8Array.of(1, 2, 3))
    const decoded = decodeFrame(frame) as { update: Uint8Array }
    expect(decoded.update.buffer).toBe(frame.buffer)
  })
})

describe('refused as malformed', () => {
  const MALFORMED: [string, number[]][] = [
    ['nothing', []],
    ['an unfinished number', [0x80]],
    ['a number that never ends', Array(20).fill(0xff)],
    ['auth, which y-protocols knows and we do not', [2, 0]],
    ['an unknown message', [4]],
    ['an unknown message of two bytes', [0x80, 1]],
    ['sync without a step', [0]],
    ['sync without a payload', [0, 1]],
    ['an unknown sync message', [0, 3, 0]],
    ['a payload that ends early', [0, 2, 3, 1, 2]],
    ['a payload of 2^48 bytes', [0, 2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40]],
    ['awareness without a payload', [1]],
    ['awareness that ends early', [1, 2, 1]],
    ['bytes after step 1', [0, 0, 1, 0, 0]],
    ['bytes after step 2', [0, 1, 2, 0, 0, 0]],
    ['bytes after an update', [0, 2, 2, 0, 0, 0]],
    ['bytes after awareness', [1, 1, 0, 0]],
    ['bytes after query awareness', [3, 0]],
    ['two frames in one', [3, 3]],
  ]

  test.each(MALFORMED)('%s', (_, bytes) => {
    expect(() => decodeFrame(Uint8Array.from(bytes))).toThrow(MalformedFrameError)
    // A view must not be read past its end into the bytes of somebody else.
    expect(() => decodeFrame(within(Uint8Array.from(bytes)))).toThrow(MalformedFrameError)
  })

  test.each(KINDS)('%s cut short anywhere', (_, encode) => {
    const frame = encode(new Uint8Array(200))
    for (let end = 0; end < frame.length; end++) {
      expect(() => decodeFrame(frame.slice(0, end))).toThrow(MalformedFrameError)
      expect(() => decodeFrame(frame.subarray(0, end))).toThrow(MalformedFrameError)
    }
  })

  test('with a code for programs', () => {
    expect(() => decodeFrame(Uint8Array.of(77))).toThrow(
      expect.objectContaining({ code: 'malformed_frame', message: 'unknown message 77' }),
    )
  })

  test('and with no other error, whatever the bytes', () => {
    const head = fc.constantFrom([], [0, 0], [0, 1], [0, 2], [0], [1], [3])
    let decoded = 0
    fc.assert(
      fc.property(head, fc.uint8Array({ maxLength: 12 }), (start, rest) => {
        try {
          decodeFrame(Uint8Array.from([...start, ...rest]))
          decoded++
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedFrameError)
        }
      }),
      { numRuns: 5_000 },
    )
    expect(decoded).toBeGreaterThan(0)
  })
})
