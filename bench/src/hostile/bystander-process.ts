import { decodeFrame, encodeSyncStep2, encodeUpdate, SUBPROTOCOL } from '@mindfuse/protocol'
import WebSocket from 'ws'
import { Doc, encodeStateAsUpdate } from 'yjs'
import type { BystanderTask, Observations } from './bystander.ts'

const EDIT_INTERVAL_MS = 50
const REQUEST_INTERVAL_MS = 500

/** Exports are limited to 60 a minute and person. */
const ROUNDS_PER_EXPORT = 4

/** An edit replaces one of so many values, so that the document stays small. */
const SHAPES = 20

const task: BystanderTask = JSON.parse(process.argv[2] ?? '')
let observations = none()

function none(): Observations {
  return { savedMs: [], answeredMs: [], failures: [] }
}

let onceConnected = () => {
  onceConnected = () => undefined
  process.send?.('connected')
}

/** Draws at an even rate, and measures how long each edit takes to be saved. */
function draw(): void {
  const doc = new Doc()
  const sentAt: number[] = []
  let saved = 0
  const socket = new WebSocket(`${task.realtimeUrl}/${task.boardId}`, [
    SUBPROTOCOL,
    `bearer.${task.accessToken}`,
  ])
  const send = (frame: Uint8Array) => {
    sentAt.push(performance.now())
    socket.send(frame)
  }
  doc.on('update', (update: Uint8Array) => send(encodeUpdate(update)))
  let drawn = 0
  let timer: NodeJS.Timeout | undefined
  socket.on('error', () => undefined)
  socket.on('close', (code) => {
    observations.failures.push(`connection closed with ${code}`)
    clearInterval(timer)
    setTimeout(draw, REQUEST_INTERVAL_MS)
  })
  socket.on('message', (data, isBinary) => {
    if (isBinary) {
      const frame = decodeFrame(data as Buffer)
      if (frame.kind !== 'sync-step-1') return
      send(encodeSyncStep2(encodeStateAsUpdate(doc, frame.stateVector)))
      timer ??= setInterval(() => {
        doc.getMap('shapes').set(`shape-${drawn++ % SHAPES}`, { x: drawn, y: drawn })
      }, EDIT_INTERVAL_MS)
      onceConnected()
      return
    }
    const message = JSON.parse(String(data))
    if (message.type === 'sync:rejected') observations.failures.push(`rejected: ${message.code}`)
    if (message.type !== 'sync:ack') return
    for (; saved < message.saved; saved++) {
      observations.savedMs.push(performance.now() - (sentAt.shift() ?? performance.now()))
    }
  })
  takeUnsaved = () => {
    const now = performance.now()
    return sentAt.map((at) => now - at)
  }
}

let takeUnsaved: () => number[] = () => []

/** Reads its board all along, and now and then the document as the worker builds it. */
async function request(round = 0): Promise<void> {
  const paths = round % ROUNDS_PER_EXPORT === 0 ? ['', '/export?format=json'] : ['']
  for (const path of paths) {
    const startedAt = performance.now()
    try {
      const response = await fetch(`${task.apiUrl}/api/boards/${task.boardId}${path}`, {
        headers: { authorization: `Bearer ${task.accessToken}` },
      })
      await response.arrayBuffer()
      if (!response.ok) observations.failures.push(`GET board${path}: ${response.status}`)
    } catch (error) {
      observations.failures.push(`GET board${path}: ${(error as Error).message}`)
    }
    observations.answeredMs.push(performance.now() - startedAt)
  }
  setTimeout(() => void request(round + 1), REQUEST_INTERVAL_MS)
}

process.on('message', () => {
  const { savedMs, ...others } = observations
  observations = none()
  process.send?.({ ...others, savedMs: [...savedMs, ...takeUnsaved()] })
})
process.on('disconnect', () => process.exit(0))

draw()
void request()
