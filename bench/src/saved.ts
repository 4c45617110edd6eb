import { decodeFrame, encodeSyncStep2, encodeUpdate, SUBPROTOCOL } from '@mindfuse/protocol'
import WebSocket from 'ws'
import { Doc, encodeStateAsUpdate } from 'yjs'
import { quantile, type Services, startServices } from './services.ts'

const CLIENTS = 50
const EDITS_PER_SECOND = 1_000
const WARM_UP_SECONDS = 3
const SECONDS = 20
const CONNECTIONS_PER_PERSON = 50

/**
 * From the moment an edit is due to the `sync:ack` that says it is in PostgreSQL, at 1,000 edits a
 * second of 50 clients on one board. Edits go out when they are due, however late the answers are.
 */
async function main(): Promise<void> {
  const services = await startServices({ people: Math.ceil(CLIENTS / CONNECTIONS_PER_PERSON) })
  try {
    const writers = await Promise.all(
      Array.from({ length: CLIENTS }, (_, i) => connect(services, i)),
    )
    await run(writers, WARM_UP_SECONDS)
    for (const writer of writers) writer.latencies.length = 0
    const before = await countBatches(services)
    await run(writers, SECONDS)
    const after = await countBatches(services)
    const latencies = writers.flatMap((writer) => writer.latencies)
    const [p50, p95, p99, max] = [0.5, 0.95, 0.99, 1].map((share) =>
      Math.round(quantile(latencies, share)),
    )
    const batches = after.batches - before.batches
    const perBatch = ((after.updates - before.updates) / batches).toFixed(1)
    const storeMs = ((1_000 * (after.seconds - before.seconds)) / batches).toFixed(1)
    const rate = Math.round(latencies.length / SECONDS)
    process.stdout.write(
      [
        '| edits/s | due to saved, ms: p50 | p95 | p99 | max | updates a transaction | ms a batch |',
        '|---|---|---|---|---|---|---|',
        `| ${rate} | ${p50} | ${p95} | ${p99} | ${max} | ${perBatch} | ${storeMs} |`,
        '',
      ].join('\n'),
    )
    for (const { socket } of writers) socket.terminate()
  } finally {
    await services.stop()
  }
}

interface Writer {
  socket: WebSocket
  latencies: number[]
  /** Draws something that is due at a time of `performance.now()`. */
  draw(dueAt: number): void
  unsaved(): number
}

function connect({ realtimeUrl, boardId, people }: Services, index: number): Promise<Writer> {
  const { accessToken = '' } = people[index % people.length] ?? {}
  const url = `${realtimeUrl}/${boardId}`
  const socket = new WebSocket(url, [SUBPROTOCOL, `bearer.${accessToken}`])
  const doc = new Doc()
  const latencies: number[] = []
  /** When each frame was due that is not saved yet, the oldest first. */
  const due: number[] = []
  let saved = 0
  const send = (frame: Uint8Array, dueAt: number) => {
    due.push(dueAt)
    socket.send(frame)
  }
  let dueAt = 0
  doc.on('update', (update: Uint8Array) => send(encodeUpdate(update), dueAt))
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', (code) => reject(new Error(`closed with ${code}`)))
    socket.on('message', (data, isBinary) => {
      if (isBinary) {
        const frame = decodeFrame(data as Buffer)
        if (frame.kind !== 'sync-step-1') return
        send(encodeSyncStep2(encodeStateAsUpdate(doc, frame.stateVector)), performance.now())
        resolve({
          socket,
          latencies,
          draw(at) {
            dueAt = at
            const position = { x: at, y: index }
            doc.getMap('shapes').set(`shape-${index}-${Math.floor(at) % 20}`, position)
          },
          unsaved: () => due.length,
        })
        return
      }
      const message = JSON.parse(String(data))
      if (message.type === 'sync:rejected') throw new Error(`rejected: ${message.code}`)
      if (message.type !== 'sync:ack') return
      const now = performance.now()
      for (; saved < message.saved; saved++) latencies.push(now - (due.shift() ?? now))
    })
  })
}

/** Draws for a time, and waits until all of it is saved. */
async function run(writers: Writer[], seconds: number): Promise<void> {
  const startedAt = performance.now()
  const total = seconds * EDITS_PER_SECOND
  for (let drawn = 0; drawn < total; ) {
    const dueBy = Math.floor(((performance.now() - startedAt) * EDITS_PER_SECOND) / 1_000)
    for (; drawn < Math.min(total, dueBy); drawn++) {
      writers[drawn % writers.length]?.draw(startedAt + (drawn * 1_000) / EDITS_PER_SECOND)
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  while (writers.some((writer) => writer.unsaved() > 0)) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function countBatches({ metrics }: Services) {
  const updates = await metrics('realtime_batch_updates')
  const seconds = await metrics('realtime_store_seconds')
  return {
    updates: updates.get('_sum') ?? 0,
    batches: updates.get('_count') ?? 0,
    seconds: seconds.get('_sum') ?? 0,
  }
}

await main()
