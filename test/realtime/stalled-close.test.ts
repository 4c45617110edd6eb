import { readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { CLOSE_CODES, encodeUpdate } from '@mindfuse/protocol'
import { eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import { Doc } from 'yjs'
import { testWith } from '../support/fixtures.ts'

const EDIT_BYTES = 512 * 1024

/** The 16 seconds after which it is freed, and what a busy machine adds, milliseconds. */
const FREED_MS = 20_000

/** Whether a process holds the socket with these ports; the kernel may go on sending without. */
async function isHeld([local = 0, remote = 0]: number[]): Promise<boolean> {
  const hex = (port: number) => `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const table = await readFile('/proc/net/tcp', 'utf8')
  return table.split('\n').some((row) => {
    const [, from = '', to = '', , , , , , , inode] = row.trim().split(/\s+/)
    return from.endsWith(hex(local)) && to.endsWith(hex(remote)) && inode !== '0'
  })
}

const test = testWith({ gateways: 0 })

test.runIf(process.platform === 'linux')(
  'LIM-8: one who is closed and reads nothing is freed',
  async ({ annotate, startGateway, whiteboard, clients }) => {
    const gateway = await startGateway({ logLevel: 'error' })
    const { realtimeUrl } = gateway
    const [painter, stalled] = [await whiteboard(realtimeUrl), await whiteboard(realtimeUrl)]
    const { _socket: line } = stalled.socket as unknown as { _socket: Socket }
    line.pause()

    const doc = new Doc()
    doc.on('update', (update: Uint8Array) => painter.socket.send(encodeUpdate(update)))
    const closes = () => gateway.metric(`realtime_closes_total{code="${CLOSE_CODES.TOO_SLOW}"}`)
    let edits = 0
    while ((await closes()) === 0) {
      doc.getArray('strokes').push([new Uint8Array(EDIT_BYTES)])
      edits++
      await painter.heard('sync:ack', ({ saved }) => saved === edits)
    }
    const closedAt = performance.now()
    const ports = [new URL(realtimeUrl).port, line.localPort].map(Number)
    expect(await isHeld(ports)).toBe(true)
    await eventually('its socket is freed', async () => !(await isHeld(ports)), FREED_MS)
    await annotate(`freed ${Math.round(performance.now() - closedAt)} ms after its close`)
    expect(painter.closed).toBeUndefined()

    clients.endAll()
    expect(await gateway.stop()).toBe(0)
  },
)
