import { CLOSE_CODES, encodeUpdate, SUBPROTOCOL } from '@mindfuse/protocol'
import {
  awarenessFrame,
  encodeClientFrame,
  eventually,
  OPCODES,
  openBareSocket,
} from '@mindfuse/testing'
import { expect, vi } from 'vitest'
import { Doc, encodeStateAsUpdate } from 'yjs'
import { syncDocument } from '../support/continuous-edits.ts'
import { test } from '../support/fixtures.ts'

/** What is written at once, and what is written at most, bytes. */
const BATCH_BYTES = 64 * 1024
const MAX_BYTES = 16 * 1024 * 1024

/** Each look at the clock takes so long, whatever the machine does besides, milliseconds. */
const TICK_MS = 0.05

const KNOWN = new Doc()
KNOWN.getMap('shapes').set('a', 1)

test.beforeEach(() => {
  let now = performance.now()
  vi.spyOn(performance, 'now').mockImplementation(() => (now += TICK_MS))
})
test.afterEach(() => {
  vi.restoreAllMocks()
})

test.for<[what: string, frame: Uint8Array]>([
  ['pings', encodeClientFrame(Buffer.alloc(0), OPCODES.PING)],
  ['text pings', encodeClientFrame(Buffer.from('{"type":"ping"}'), OPCODES.TEXT)],
  ['edits that are known', encodeClientFrame(encodeUpdate(encodeStateAsUpdate(KNOWN)))],
  [
    'awareness that is known',
    encodeClientFrame(awarenessFrame({ clientId: 5, clock: 1, state: '{}' })),
  ],
])(
  'LIM-25: a flood of frames closes its sender with 4529, and others draw on: %s',
  async ([_, frame], { stack: { realtimeUrl }, whiteboard, boardId, newBoard, ada, alan }) => {
    const bystander = await whiteboard(0, alan, await newBoard())
    const doc = syncDocument(bystander)
    await bystander.heard('sync:ack', ({ saved }) => saved === 1)
    // Before the board is loaded, another limit applies.
    await whiteboard()
    const { socket, closed } = await openBareSocket(`${realtimeUrl}/${boardId}`, {
      protocols: [SUBPROTOCOL, `bearer.${ada.accessToken}`],
      keptBytes: 0,
    })
    let code: number | undefined
    void closed.then((closeCode) => {
      code = closeCode
    })
    const batch = Buffer.concat(
      Array.from({ length: Math.floor(BATCH_BYTES / frame.length) }, () => frame),
    )
    let written = 0
    await eventually('it is closed', () => {
      if (code !== undefined) return true
      if (written < MAX_BYTES) socket.write(batch)
      written += batch.length
      return false
    })
    expect(code).toBe(CLOSE_CODES.RATE_LIMITED)
    doc.getMap('shapes').set('bystander', 1)
    await bystander.heard('sync:ack', ({ saved }) => saved === 2)
    expect(bystander.closed).toBeUndefined()
  },
)
