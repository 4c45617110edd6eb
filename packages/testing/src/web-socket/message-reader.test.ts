import { expect, test } from 'vitest'
import { MessageReader } from './message-reader.ts'

const FIN = 0x80
const TEXT = 1
const BINARY = 2
const PING = 9

function serverFrame(opcode: number, payload: Uint8Array, isFinal = true): Buffer {
  const { length } = payload
  const head = [(isFinal ? FIN : 0) | opcode]
  if (length < 126) head.push(length)
  else if (length < 65_536) head.push(126, length >> 8, length & 0xff)
  else head.push(127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 0xff, length & 0xff)
  return Buffer.concat([Buffer.from(head), payload])
}

const bytes = Buffer.concat([
  serverFrame(BINARY, Buffer.alloc(0)),
  serverFrame(BINARY, Buffer.from('short')),
  serverFrame(TEXT, Buffer.from('in '), false),
  serverFrame(PING, Buffer.from('ping')),
  serverFrame(0, Buffer.alloc(0), false),
  serverFrame(0, Buffer.alloc(300, 'x')),
  serverFrame(BINARY, Buffer.alloc(70_000, 'y')),
  serverFrame(PING, Buffer.alloc(0)),
])
const MESSAGES = [
  '',
  'short',
  'ping ping',
  `text in ${'x'.repeat(300)}`,
  'y'.repeat(70_000),
  'ping ',
]

function readIn(chunks: Buffer[], keptBytes?: number): string[] {
  const read: string[] = []
  const reader = new MessageReader(
    {
      onMessage: (buffer, start, end, isText) =>
        read.push(`${isText ? 'text ' : ''}${buffer.toString('latin1', start, end)}`),
      onControl: (_opcode, payload) => read.push(`ping ${payload}`),
    },
    keptBytes,
  )
  // As from a socket: each chunk is in the same buffer.
  const lent = Buffer.alloc(bytes.length)
  for (const chunk of chunks) {
    chunk.copy(lent)
    reader.read(lent, chunk.length)
    lent.fill(0)
  }
  return read
}

test('messages are read in one piece', () => {
  expect(readIn([bytes])).toEqual(MESSAGES)
})

test.each([1, 2, 3, 7, 64, 4_096])('messages are read in pieces of %i bytes', (size) => {
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  )
  expect(readIn(chunks)).toEqual(MESSAGES)
})

test('messages are read wherever they are cut in two', () => {
  for (let cut = 0; cut < 400; cut++) {
    expect(readIn([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(MESSAGES)
  }
})

test('of messages in pieces no more is kept than asked for', () => {
  const chunks = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1))
  expect(readIn(chunks, 3)).toEqual(['', 'sho', 'ping ping', 'text in ', 'yyy', 'ping '])
})
