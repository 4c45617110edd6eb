import type { WebSocket } from 'uWebSockets.js'
import { beforeEach, expect, test } from 'vitest'
import { wholeFrame } from '../document/document-frame.ts'
import type { Hold } from './hold.ts'
import { Outbox } from './outbox.ts'

const KIBIBYTE = 1024

/** A socket whose reader takes what it is told to take, and that puts messages together again. */
class SlowSocket {
  readonly messages: { bytes: number; isBinary: boolean }[] = []
  readonly pieces: number[] = []
  #buffered = 0
  #isCorked = false
  #open: { bytes: number; isBinary: boolean } | undefined

  send(frame: Uint8Array, isBinary: boolean): number {
    expect(this.#open).toBeUndefined()
    this.messages.push({ bytes: frame.length, isBinary })
    this.#take(frame)
    // As uWebSockets.js has it: corked, all is well until it is written.
    return this.#isCorked ? 1 : 0
  }

  cork(send: () => void): void {
    this.#isCorked = true
    send()
    this.#isCorked = false
  }

  sendFirstFragment(piece: Uint8Array, isBinary: boolean): void {
    expect(this.#open).toBeUndefined()
    this.#open = { bytes: piece.length, isBinary }
    this.#take(piece)
  }

  sendFragment(piece: Uint8Array): void {
    this.#open!.bytes += piece.length
    this.#take(piece)
  }

  sendLastFragment(piece: Uint8Array): void {
    this.#open!.bytes += piece.length
    this.messages.push(this.#open!)
    this.#open = undefined
    this.#take(piece)
  }

  getBufferedAmount(): number {
    return this.#buffered
  }

  read(bytes: number): void {
    this.#buffered = Math.max(0, this.#buffered - bytes)
  }

  #take(piece: Uint8Array): void {
    this.pieces.push(piece.length)
    this.#buffered += piece.length
  }
}

let socket: SlowSocket
let outbox: Outbox
let hold: { isHeld: boolean }

beforeEach(() => {
  socket = new SlowSocket()
  hold = { isHeld: false }
  outbox = new Outbox(socket as unknown as WebSocket<unknown>, hold as Hold)
})

const bytes = (kibibytes: number) => new Uint8Array(kibibytes * KIBIBYTE)

test('small frames leave at once', () => {
  outbox.send(bytes(1), true)
  outbox.send(bytes(1_024), false)
  outbox.sendDocument(wholeFrame(bytes(64)))
  expect(socket.messages).toEqual([
    { bytes: KIBIBYTE, isBinary: true },
    { bytes: 1_024 * KIBIBYTE, isBinary: false },
    { bytes: 64 * KIBIBYTE, isBinary: true },
  ])
  expect(outbox.behindBytes).toBe(1_089 * KIBIBYTE)
  expect(outbox.hasDocument).toBe(false)
  expect(outbox.isDrained).toBe(false)
})

test('a large one leaves as the reader takes it, and what comes after it waits', () => {
  outbox.sendDocument(wholeFrame(bytes(1_000)))
  outbox.send(bytes(2), false)
  expect(socket.pieces).toEqual([64 * KIBIBYTE])
  expect(outbox.hasDocument).toBe(true)
  expect(outbox.behindBytes).toBe(66 * KIBIBYTE)

  for (let reads = 0; !outbox.isDrained; reads++) {
    expect(reads).toBeLessThan(100)
    expect(socket.getBufferedAmount()).toBeLessThan(129 * KIBIBYTE)
    socket.read(40 * KIBIBYTE)
    outbox.drain()
  }
  expect(socket.messages).toEqual([
    { bytes: 1_000 * KIBIBYTE, isBinary: true },
    { bytes: 2 * KIBIBYTE, isBinary: false },
  ])
  expect(outbox.hasDocument).toBe(false)
  expect(outbox.behindBytes).toBe(0)
})

test('a large frame that is no document counts until all of it has left', () => {
  outbox.send(bytes(2_000), true)
  expect(outbox.behindBytes).toBe(2_064 * KIBIBYTE)
  for (let i = 0; i < 40; i++) {
    socket.read(64 * KIBIBYTE)
    outbox.drain()
  }
  expect(outbox.behindBytes).toBe(0)
  expect(socket.messages).toEqual([{ bytes: 2_000 * KIBIBYTE, isBinary: true }])
})
