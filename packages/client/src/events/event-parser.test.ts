import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createEventParser } from './event-parser.ts'

/** What a parser finds in pieces, in its order. */
function parse(pieces: string[]): unknown[] {
  const found: unknown[] = []
  const take = createEventParser({
    event: ({ name, data }) => found.push([name, data]),
    id: (id) => found.push({ id }),
    retry: (retry) => found.push({ retry }),
  })
  for (const piece of pieces) take(piece)
  return found
}

const STREAM =
  'retry: 2000\n\n' +
  ':\n\n' +
  'id: 7\nevent: boards:update\ndata: {"a":1}\n\n' +
  'data: one\ndata:  two\r\n\r\n' +
  'id: 9\n\n' +
  'odd\nother: x\nretry: soon\n\n'

const FOUND = [
  { retry: 2000 },
  ['boards:update', '{"a":1}'],
  { id: '7' },
  ['message', 'one\n two'],
  { id: '9' },
]

describe('an event stream', () => {
  test('is parsed by the standard: names, data, ids also without data, retry, comments', () => {
    expect(parse([STREAM])).toEqual(FOUND)
  })

  test('may be split anywhere', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(STREAM.length)), (cuts) => {
        const ends = [...cuts, STREAM.length].sort((a, b) => a - b)
        const pieces = ends.map((end, i) => STREAM.slice(ends[i - 1] ?? 0, end))
        expect(parse(pieces)).toEqual(FOUND)
      }),
    )
  })

  test('that breaks off reports nothing of the event that was cut', () => {
    expect(parse(['id: 3\ndata: whole\n\nid: 4\ndata: half\n'])).toEqual([
      ['message', 'whole'],
      { id: '3' },
    ])
  })
})
