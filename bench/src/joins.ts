import { createHash } from 'node:crypto'
import { decodeFrame, encodeSyncStep1, encodeSyncStep2, SUBPROTOCOL } from '@mindfuse/protocol'
import { BareSocket, encodeClientFrame } from '@mindfuse/testing'
import WebSocket from 'ws'
import { type Doc, encodeStateAsUpdate, encodeStateVector, type Map as YMap } from 'yjs'
import { drawShapes } from './draw-shapes.ts'
import { quantile, type Services, startServices } from './services.ts'

const JOINERS = 150
const BOARD_BYTES = 4 * 1024 * 1024
const DELETED_RANGES = 20_000
const CONNECTIONS_PER_PERSON = 50
const SAMPLE_INTERVAL_MS = 20
const MEBIBYTE = 1024 * 1024
/** The type of a message of y-protocols. More kept of 150 boards would be measured, too. */
const TYPE_BYTES = 2

/** How 150 people join a board of 4 MiB at once, and what a reconnect that missed nothing moves. */
async function main(): Promise<void> {
  const services = await startServices({ people: Math.ceil(JOINERS / CONNECTIONS_PER_PERSON) })
  try {
    const doc = drawShapes(BOARD_BYTES)
    await store(services, doc)
    const lines = [
      '| 150 joins of a board of 4 MiB | to the whole document, ms: p50 | p95 | max | CPU of gateway, ms | of clients, ms | memory, MiB |',
    ]
    lines.push('|---|---|---|---|---|---|---|')
    for (const round of ['not open, and the first of the gateway’s life', 'again', 'again']) {
      lines.push(await measureJoins(services, round))
    }
    await untilClosed(services)
    lines.push(await measureJoins(services, 'not open'))
    lines.push(
      '',
      '| reconnect that missed nothing | received, bytes | sent, bytes |',
      '|---|---|---|',
    )
    lines.push(...(await measureReconnects(services, 'no deletes', doc)))
    eraseShapes(doc)
    await store(services, doc)
    lines.push(...(await measureReconnects(services, '20,000 deleted ranges', doc)))
    process.stdout.write(`${lines.join('\n')}\n`)
  } finally {
    await services.stop()
  }
}

/** Deletes a property here and there, so that no two deleted ranges touch. */
function eraseShapes(doc: Doc): void {
  doc.transact(() => {
    let erased = 0
    for (const shape of doc.getMap<YMap<unknown>>('shapes').values()) {
      if (erased++ < DELETED_RANGES) shape.delete('x')
    }
  })
}

/** Puts the board into storage as compaction would, under a gateway that does not have it open. */
async function store(services: Services, doc: Doc): Promise<void> {
  const { pool, boardId } = services
  await untilClosed(services)
  await pool.query(
    `UPDATE board_documents SET seq = seq + 1, snapshot_seq = seq + 1, snapshot = $2 WHERE board_id = $1`,
    [boardId, Buffer.from(encodeStateAsUpdate(doc))],
  )
}

/** Waits until the gateway has no board open. */
async function untilClosed({ metrics }: Services): Promise<void> {
  while (((await metrics('realtime_rooms')).get('') ?? 0) > 0) {
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_INTERVAL_MS))
  }
}

/** One who returns with a document, and counts what moves. */
function join(
  { realtimeUrl, boardId, people }: Services,
  index: number,
  options: { doc?: Doc; digest?: string } = {},
) {
  const { accessToken = '' } = people[index % people.length] ?? {}
  const query = options.digest ? `?digest=${options.digest}` : ''
  const socket = new WebSocket(
    `${realtimeUrl}/${boardId}${query}`,
    [SUBPROTOCOL, `bearer.${accessToken}`],
    { maxPayload: 0, skipUTF8Validation: true },
  )
  const moved = { received: 0, sent: 0, updateBytes: 0 }
  const send = (frame: Uint8Array) => {
    moved.sent += frame.length
    socket.send(frame)
  }
  const { doc } = options
  const synced = new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', (code) => reject(new Error(`closed with ${code}`)))
    socket.on('open', () => {
      if (!options.digest) send(encodeSyncStep1(doc ? encodeStateVector(doc) : Uint8Array.of(0)))
    })
    socket.on('message', (data, isBinary) => {
      const bytes = data as Buffer
      moved.received += bytes.length
      if (!isBinary) return
      const frame = decodeFrame(bytes)
      if (frame.kind === 'sync-step-1' && doc) {
        send(encodeSyncStep2(encodeStateAsUpdate(doc, frame.stateVector)))
      } else if (frame.kind === 'update' || frame.kind === 'sync-step-2') {
        moved.updateBytes += frame.update.length
        if (frame.kind === 'sync-step-2') resolve()
      }
    })
  })
  return { socket, moved, synced }
}

/** Joins with nothing, and resolves at the step 2: then the whole board has come. */
function joinWhole({ realtimeUrl, boardId, people }: Services, index: number) {
  const { accessToken = '' } = people[index % people.length] ?? {}
  return new Promise<{ socket: BareSocket; binaryBytes: number }>((resolve, reject) => {
    let binaryBytes = 0
    const socket = new BareSocket(`${realtimeUrl}/${boardId}`, {
      protocols: [SUBPROTOCOL, `bearer.${accessToken}`],
      keptBytes: TYPE_BYTES,
      onOpen: () => socket.write(encodeClientFrame(encodeSyncStep1(Uint8Array.of(0)))),
      onMessage(buffer, start, _end, isText, length) {
        if (isText) return
        binaryBytes += length
        if (buffer[start] === 0 && buffer[start + 1] === 1) resolve({ socket, binaryBytes })
      },
      onLost: reject,
    })
  })
}

async function measureJoins(services: Services, round: string): Promise<string> {
  const memoryBefore = services.gatewayMemory()
  let memory = memoryBefore
  const sampler = setInterval(() => {
    memory = Math.max(memory, services.gatewayMemory())
  }, SAMPLE_INTERVAL_MS)
  const cpuBefore = await cpuSeconds(services)
  const ownBefore = process.cpuUsage()
  const startedAt = performance.now()
  const sockets: BareSocket[] = []
  const times = await Promise.all(
    Array.from({ length: JOINERS }, async (_, i) => {
      const { socket, binaryBytes } = await joinWhole(services, i)
      sockets.push(socket)
      const tookMs = performance.now() - startedAt
      if (binaryBytes < BOARD_BYTES) throw new Error('not the whole board')
      return tookMs
    }),
  )
  clearInterval(sampler)
  const { user, system } = process.cpuUsage(ownBefore)
  const ownMs = Math.round((user + system) / 1_000)
  const cpuMs = Math.round(1_000 * ((await cpuSeconds(services)) - cpuBefore))
  for (const socket of sockets) socket.destroy()
  const [p50, p95, max] = [0.5, 0.95, 1].map((share) => Math.round(quantile(times, share)))
  const before = Math.round(memoryBefore / MEBIBYTE)
  const growth = ((memory - memoryBefore) / MEBIBYTE).toFixed(1)
  return `| ${round} | ${p50} | ${p95} | ${max} | ${cpuMs} | ${ownMs} | ${before} + ${growth} |`
}

const cpuSeconds = async ({ metrics }: Services) =>
  (await metrics('process_cpu_seconds_total')).get('') ?? 0

async function measureReconnects(services: Services, board: string, doc: Doc): Promise<string[]> {
  const stateVector = encodeStateVector(doc)
  const digest = createHash('sha256')
    .update(stateVector)
    .update(encodeStateAsUpdate(doc, stateVector))
    .digest('base64url')
  const lines: string[] = []
  for (const [name, options] of Object.entries({
    'by state vector': { doc },
    'with a digest': { doc, digest },
  })) {
    const { socket, moved, synced } = join(services, 0, options)
    await synced
    socket.terminate()
    lines.push(`| ${board}, ${name} | ${moved.received} | ${moved.sent} |`)
  }
  return lines
}

await main()
