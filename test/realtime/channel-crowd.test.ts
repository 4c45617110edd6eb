import { encodeUpdate } from '@mindfuse/protocol'
import type { WhiteboardClient } from '@mindfuse/testing'
import { expect } from 'vitest'
import { Doc } from 'yjs'
import { tryChurn } from '../support/channel-churn.ts'
import { testWithChannelCrowd } from '../support/channel-crowd.ts'

/** `CHANNEL_MEMBERS=200` puts as many into one channel. */
const MEMBERS = Number(process.env.CHANNEL_MEMBERS ?? 1_000)

const CHURN = { perSecond: 50, seconds: 10 }

/** How often somebody draws beside them, for as long, milliseconds. */
const DRAW_INTERVAL_MS = 50

/** How many edits are sent at once: within the burst of a connection. */
const EDITS_AT_ONCE = 300

/** How soon all who have joined know each other, milliseconds. */
const SETTLED_MS = 5_000

/** Edits wait for so long at most on a gateway with a third of its time in use, milliseconds: see `pace.ts`. */
const BUSY_WINDOW_MS = 42

/** What processes that share two cores make each other wait, milliseconds. */
const SCHEDULING_MS = 50

/** How much longer it may take until all of many edits are saved. */
const MAX_RATIO = 1.5

const test = testWithChannelCrowd(MEMBERS)

tryChurn(test, CHURN)

/** Two people on a board, of whom one draws. */
class Board {
  readonly #doc = new Doc()
  readonly #writer: WhiteboardClient
  readonly #reader: WhiteboardClient
  #drawn = 0

  constructor(writer: WhiteboardClient, reader: WhiteboardClient) {
    this.#writer = writer
    this.#reader = reader
    this.#doc.on('update', (update: Uint8Array) => writer.socket.send(encodeUpdate(update)))
  }

  /** Draws for some seconds, then as much as it may at once. @returns milliseconds */
  async measure(seconds: number): Promise<{ p50: number; p99: number; allSaved: number }> {
    const latencies: number[] = []
    for (let i = 0; i < (seconds * 1_000) / DRAW_INTERVAL_MS; i++) {
      const startedAt = performance.now()
      const arrived = this.#arrival()
      this.#draw()
      await arrived
      latencies.push(performance.now() - startedAt)
      const restMs = DRAW_INTERVAL_MS - (performance.now() - startedAt)
      if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs))
    }
    const startedAt = performance.now()
    for (let i = 0; i < EDITS_AT_ONCE; i++) this.#draw()
    await this.#writer.heard('sync:ack', ({ saved }) => saved === this.#drawn)
    const sorted = latencies.toSorted((a, b) => a - b)
    const at = (share: number) => Math.round(sorted[Math.floor(share * sorted.length)] ?? 0)
    return { p50: at(0.5), p99: at(0.99), allSaved: Math.round(performance.now() - startedAt) }
  }

  #draw(): void {
    this.#doc.getMap('shapes').set(`shape-${this.#drawn % 20}`, this.#drawn)
    this.#drawn++
  }

  #arrival(): Promise<void> {
    const { socket } = this.#reader
    return new Promise((resolve) => {
      const onMessage = (_: unknown, isBinary: boolean) => {
        if (!isBinary) return
        socket.off('message', onMessage)
        resolve()
      }
      socket.on('message', onMessage)
    })
  }
}

test('edits beside a channel of a thousand who come and go are saved as soon, and half of them wait for one window at most', {
  timeout: 300_000,
}, async ({ crowd, people, realtimeUrls, whiteboard, ada, alan, annotate }) => {
  const board = new Board(await whiteboard(0, ada), await whiteboard(0, alan))
  const { seconds } = CHURN
  // The gateway compiles what it has not run yet.
  await board.measure(1)
  const before = await board.measure(seconds)
  await crowd.join(people, realtimeUrls)
  await crowd.agrees(SETTLED_MS)
  // What a thousand read would take the time of those who draw, in this process.
  crowd.isListening = false
  const [beside] = await Promise.all([
    board.measure(seconds),
    crowd.churn({ ...CHURN, seconds: seconds + 1, seed: 1 }),
  ])
  crowd.leaveAll()
  const after = await board.measure(seconds)
  const figures = JSON.stringify({ before, beside, after })
  await annotate(figures)
  const quiet = Math.max(before.p50, after.p50)
  expect(beside.p50, figures).toBeLessThan(quiet + BUSY_WINDOW_MS + SCHEDULING_MS)
  const allSaved = Math.max(before.allSaved, after.allSaved)
  expect(beside.allSaved, figures).toBeLessThan(MAX_RATIO * allSaved + SCHEDULING_MS)
})
