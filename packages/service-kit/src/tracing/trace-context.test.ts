import { expect, test } from 'vitest'
import { formatTraceparent, newId, parseTraceparent } from './trace-context.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

test('what was written is read again', () => {
  for (const isSampled of [true, false]) {
    const context = { traceId: newId(16), spanId: newId(8), isSampled }
    expect(parseTraceparent(formatTraceparent(context))).toEqual(context)
  }
})

test('a later version may say more', () => {
  expect(parseTraceparent(`cc-${TRACE}-${SPAN}-03-what-the-future-holds`)).toEqual({
    traceId: TRACE,
    spanId: SPAN,
    isSampled: true,
  })
})

test.each([
  undefined,
  '',
  ['a', 'b'],
  `ff-${TRACE}-${SPAN}-01`,
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}`,
  `00-${TRACE}-${SPAN}-0`,
  `00-${TRACE}-${SPAN}-01x`,
  `x00-${TRACE}-${SPAN}-01`,
])('%j is no traceparent', (header) => {
  expect(parseTraceparent(header)).toBeUndefined()
})
