import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type BoardUpdates,
  decodeUpdateBatch,
  encodeUpdateBatch,
  MalformedBatchError,
} from './update-batch.ts'

const update = fc.record({ userId: fc.uuid(), update: fc.uint8Array({ maxLength: 200 }) })
const board = fc.record({ boardId: fc.uuid(), updates: fc.array(update, { maxLength: 4 }) })
const batch = fc.uniqueArray(board, { selector: ({ boardId }) => boardId, maxLength: 4 })

const BOARD = '00000000-0000-4000-8000-000000000001'
const OTHER_BOARD = '00000000-0000-4000-8000-000000000002'
const USER = '00000000-0000-4000-8000-0000000000aa'
const EMPTY = new Uint8Array()
const EXAMPLE: BoardUpdates[] = [
  { boardId: BOARD, updates: [{ userId: USER, update: Uint8Array.of(7, 8, 9) }] },
  {
    boardId: OTHER_BOARD,
    updates: [
      { userId: USER, update: new Uint8Array(130) },
      { userId: USER, update: EMPTY },
    ],
  },
]

describe('an update batch', () => {
  test('comes back as it was written', () => {
    fc.assert(
      fc.property(batch, (boards) => {
        expect(decodeUpdateBatch(encodeUpdateBatch(boards))).toEqual(boards)
      }),
    )
  })

  test('is these bytes and no others', () => {
    const board1 = [0, 0, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 1]
    const user = [0, 0, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 0xaa]
    expect(encodeUpdateBatch(EXAMPLE.slice(0, 1))).toEqual(
      Uint8Array.of(1, 1, ...board1, 1, ...user, 3, 7, 8, 9),
    )
  })

  test('names ids in small letters, however they were written', () => {
    const boards = [{ boardId: BOARD, updates: [{ userId: USER.toUpperCase(), update: EMPTY }] }]
    expect(decodeUpdateBatch(encodeUpdateBatch(boards))[0]?.updates[0]?.userId).toBe(USER)
  })

  test('is not written with an id that is none', () => {
    expect(() => encodeUpdateBatch([{ boardId: 'board', updates: [] }])).toThrow(RangeError)
  })
})

describe('refused as malformed', () => {
  const refused = (bytes: Uint8Array) =>
    expect(() => decodeUpdateBatch(bytes)).toThrow(MalformedBatchError)

  test('a batch cut short anywhere, also within a larger buffer', () => {
    const bytes = encodeUpdateBatch(EXAMPLE)
    expect(decodeUpdateBatch(bytes)).toEqual(EXAMPLE)
    for (let end = 0; end < bytes.length; end++) {
      refused(bytes.slice(0, end))
      refused(bytes.subarray(0, end))
    }
  })

  test('bytes after the batch', () => {
    refused(Uint8Array.from([...encodeUpdateBatch(EXAMPLE), 0]))
  })

  test.each([0, 2, 127])('format version %i', (version) => {
    const bytes = encodeUpdateBatch(EXAMPLE)
    bytes[0] = version
    refused(bytes)
  })

  test('a board that stands twice, whose numbers would be given out twice', () => {
    const twice = [EXAMPLE[0]!, EXAMPLE[1]!, { boardId: BOARD, updates: [] }]
    expect(() => decodeUpdateBatch(encodeUpdateBatch(twice))).toThrow(
      'a board stands twice in the batch',
    )
  })

  test('counts that the bytes cannot hold', () => {
    refused(Uint8Array.of(1, 0xff, 0xff, 0xff, 0xff, 0x7f))
    refused(Uint8Array.of(1, 1, ...new Array(16).fill(1), 0xff, 0xff, 0xff, 0xff, 0x7f))
  })

  test('and with no other error, whatever the bytes', () => {
    const mutated = fc.tuple(fc.nat(200), fc.nat(255)).map(([at, value]) => {
      const bytes = encodeUpdateBatch(EXAMPLE)
      bytes[at % bytes.length] = value
      return bytes
    })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), mutated), (bytes) => {
        try {
          decodeUpdateBatch(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedBatchError)
        }
      }),
      { numRuns: 3_000 },
    )
  })
})
