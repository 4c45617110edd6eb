import { MAX_PRESENCE_BYTES, MalformedFrameError } from '@mindfuse/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseClientMessage, parseDrafts, startsAsDrafts } from './client-message.ts'

const parse = (text: string) => parseClientMessage(new TextEncoder().encode(text))

test.each([
  { type: 'presence:update', cursor: { x: 1, y: -2.5 }, selection: ['a', 'b'] },
  { type: 'presence:update', cursor: null, selection: [] },
  { type: 'presence:viewport', x: 0, y: 0, zoom: 0.25 },
  { type: 'auth:refresh', token: 'a.b.c' },
  {
    type: 'broadcast',
    event: 'laser',
    payload: {
      points: [
        [1, 2],
        [3.5, null],
      ],
    },
  },
  { type: 'broadcast', event: '👋', payload: null, self: true, ack: false },
])('a message of the protocol is read as it is: %j', (message) => {
  expect(parse(JSON.stringify(message))).toEqual(message)
})

describe('refused as malformed', () => {
  test.each([
    ['nothing', ''],
    ['no JSON', 'hello'],
    ['half a message', '{"type":"presence:update"'],
    ['two messages', '{"type":"auth:refresh","token":""}{}'],
    ['null', 'null'],
    ['a number', '1'],
    ['an array', '[{"type":"auth:refresh","token":"a"}]'],
    ['no type', '{"cursor":null,"selection":[]}'],
    ['an unknown type', '{"type":"sync:ack","received":1,"saved":1}'],
    ['a type that is an array', '{"type":["auth:refresh"],"token":"a"}'],
    ['a missing field', '{"type":"presence:update","cursor":null}'],
    ['an unknown field', '{"type":"auth:refresh","token":"a","userId":"someone"}'],
    [
      'an unknown field deeper',
      '{"type":"presence:update","cursor":{"x":1,"y":2,"z":3},"selection":[]}',
    ],
    ['a prototype', '{"type":"presence:update","cursor":null,"selection":[],"__proto__":{"a":1}}'],
    [
      'a prototype in place of fields',
      '{"type":"presence:update","__proto__":{"cursor":null,"selection":[]}}',
    ],
    [
      'a prototype deeper',
      '{"type":"presence:update","cursor":{"x":1,"y":2,"__proto__":{}},"selection":[]}',
    ],
    ['a constructor', '{"type":"auth:refresh","token":"a","constructor":{}}'],
    ['a number as text', '{"type":"presence:viewport","x":"0","y":0,"zoom":1}'],
    ['a number past all numbers', '{"type":"presence:viewport","x":1e999,"y":0,"zoom":1}'],
    ['no zoom at all', '{"type":"presence:viewport","x":0,"y":0,"zoom":0}'],
    ['a selection of numbers', '{"type":"presence:update","cursor":null,"selection":[1]}'],
    [
      'a selection that is none',
      '{"type":"presence:update","cursor":null,"selection":{"length":0}}',
    ],
    [
      'an id too long',
      `{"type":"presence:update","cursor":null,"selection":["${'x'.repeat(129)}"]}`,
    ],
    [
      'too many ids',
      `{"type":"presence:update","cursor":null,"selection":[${Array(501).fill('""')}]}`,
    ],
    ['a broadcast without a name', '{"type":"broadcast","event":"","payload":1}'],
    ['a broadcast of nothing', '{"type":"broadcast","event":"laser"}'],
    [
      'a broadcast in the name of another user',
      '{"type":"broadcast","event":"laser","payload":1,"user":{"id":"someone"}}',
    ],
    ['deep nesting', `${'['.repeat(2_000)}${']'.repeat(2_000)}`],
    ['more than its bytes', `{"type":"auth:refresh","token":"${'x'.repeat(MAX_PRESENCE_BYTES)}"}`],
  ])('%s', (_, text) => {
    expect(() => parse(text)).toThrow(MalformedFrameError)
  })

  test('BAD-7: bytes that are no UTF-8', () => {
    const bytes = Buffer.from('{"type":"auth:refresh","token":"\xff"}', 'latin1')
    expect(() => parseClientMessage(bytes)).toThrow(MalformedFrameError)
  })

  test('BAD-7: any JSON that is no message, and never with another error', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(() => parse(text)).toThrow(MalformedFrameError)
      }),
    )
  })
})

describe('drafts', () => {
  const parsed = (text: string) => {
    const bytes = Buffer.from(text)
    return startsAsDrafts(bytes) ? parseDrafts(bytes) : parseClientMessage(bytes)
  }

  test('are known by their start, before they are read', () => {
    const drafts = [{ id: 'stroke', version: 1, value: 'x'.repeat(MAX_PRESENCE_BYTES) }]
    expect(parsed(JSON.stringify({ type: 'draft:update', drafts }))).toEqual(drafts)
  })

  test.each([
    '{"drafts":[],"type":"draft:update"}',
    '{"type":"draft:update","type":"ping"}',
    '{"type":"draft:update","drafts":[],"user":"someone"}',
    '{"type":"draft:update","drafts":[{"id":"stroke"}]}',
    '{"type":"draft:update",',
  ])('BAD-7: %s are none', (text) => {
    expect(() => parsed(text)).toThrow(MalformedFrameError)
  })
})

test('the largest message that is allowed passes', () => {
  const frame = (token: string) => JSON.stringify({ type: 'auth:refresh', token })
  const token = 'x'.repeat(MAX_PRESENCE_BYTES - frame('').length)
  expect(parse(frame(token))).toEqual({ type: 'auth:refresh', token })
})
