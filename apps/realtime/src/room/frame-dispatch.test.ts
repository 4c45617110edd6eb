import { CLOSE_CODES, encodeUpdate } from '@mindfuse/protocol'
import { createLogger } from '@mindfuse/service-kit'
import { expect, test } from 'vitest'
import type { Connection } from '../connection/connection.ts'
import type { BoardAwareness } from '../presence/board-awareness.ts'
import { Batcher } from '../storage/batcher.ts'
import { createFrameDispatch } from './frame-dispatch.ts'
import { LoadingQueue } from './loading-queue.ts'
import type { RoomDocument } from './room-document.ts'

const MEBIBYTE = 1024 * 1024
const log = createLogger({ service: 'test', level: 'silent' })

/** A board that is loading, and the code with which a person's connection to it was closed. */
function openBoards() {
  const batcher = new Batcher({
    api: { append: () => new Promise(() => undefined) },
    log,
    events: { onBatch: () => undefined, onDelayed: () => undefined },
  })
  const openBoard = (userId: string) => {
    const queue = new LoadingQueue()
    const document = { queue, sync: undefined } as RoomDocument
    const receive = createFrameDispatch({ document, awareness: {} as BoardAwareness, batcher, log })
    let closed: number | undefined
    const close = (code: number) => {
      closed = code
    }
    const from = { userId, close } as unknown as Connection
    return {
      queue,
      receive: (bytes: number) => receive(from, encodeUpdate(new Uint8Array(bytes))),
      closed: () => closed,
    }
  }
  return { batcher, openBoard }
}

test('STORE-16: what a person sends to boards that are loading counts, until they are loaded or closed', () => {
  const { batcher, openBoard } = openBoards()
  const boards = Array.from({ length: 9 }, () => openBoard('Eve'))
  for (const { receive } of boards) receive(2 * MEBIBYTE)
  expect(boards.filter(({ closed }) => closed() !== undefined)).toEqual([boards[8]])
  expect(boards[8]?.closed()).toBe(CLOSE_CODES.STORAGE_UNAVAILABLE)

  const other = openBoard('Ada')
  other.receive(2 * MEBIBYTE)
  expect(other.closed()).toBeUndefined()

  boards[0]?.queue.runAll()
  boards[1]?.queue.drop()
  boards[2]?.receive(MEBIBYTE)
  expect(boards[2]?.closed()).toBeUndefined()
  for (const { queue } of [...boards, other]) queue.drop()
  expect(batcher.unsavedBytes).toBe(0)
})
