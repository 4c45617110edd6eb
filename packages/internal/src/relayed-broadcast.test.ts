import { expect, test } from 'vitest'
import { decodeRelayedBroadcast, encodeRelayedBroadcast } from './relayed-broadcast.ts'

const origin = crypto.randomUUID()

test('a broadcast is read as it was written', () => {
  const frame = new TextEncoder().encode('{"type":"broadcast"}')
  expect(decodeRelayedBroadcast(encodeRelayedBroadcast({ origin, frame }))).toEqual({
    origin,
    frame,
  })
})

test.each([
  ['nothing', new Uint8Array()],
  ['a numbered message', new Uint8Array(40).fill(1)],
  ['a message of another release', new Uint8Array(40).fill(3)],
  ['one that ends early', encodeRelayedBroadcast({ origin, frame: new Uint8Array() })],
])('%s is none', (_, bytes) => {
  expect(decodeRelayedBroadcast(bytes)).toBeUndefined()
})
