import {
  type ClientMessage,
  DRAFT_REPEAT_MS,
  decodeFrame,
  encodeSyncStep2,
  encodeUpdate,
  SUBPROTOCOL,
} from '@mindfuse/protocol'
import WebSocket from 'ws'
import { Doc, encodeStateAsUpdate, Array as YArray } from 'yjs'
import { quantile, type Services, startServices } from './services.ts'

const WRITERS = 5
const READERS = 20
const POINTS = 400
const POINTS_PER_SECOND = 60
const DRAFTS_PER_SECOND = 15
const ROUNDS = 3

type Point = [x: number, y: number, pressure: number]

/** Draws one more point of a stroke. */
type Draw = (points: Point[]) => void

/** The ways to show a stroke while it is drawn. */
const WAYS: Record<string, (writer: Writer, stroke: string) => Draw> = {
  'an edit with all points, for each point': (writer, stroke) => (points) => {
    writer.doc.getMap('shapes').set(stroke, { points: [...points] })
  },
  'an edit that appends, for each point': (writer, stroke) => {
    const list = new YArray<Point>()
    writer.doc.getMap('shapes').set(stroke, list)
    return (points) => list.push(points.slice(-1))
  },
  'drafts, and one edit at the end': (writer, id) => {
    let sent = 0
    let wholeAt = Number.NEGATIVE_INFINITY
    let version = 0
    return (points) => {
      if (points.length === POINTS) {
        writer.doc.getMap('shapes').set(id, { points })
        writer.say({ type: 'draft:update', drafts: [{ id, ended: true }] })
      } else if (points.length % (POINTS_PER_SECOND / DRAFTS_PER_SECOND) === 0) {
        const from = version++
        const isWhole = performance.now() - wholeAt >= DRAFT_REPEAT_MS
        if (isWhole) wholeAt = performance.now()
        const append = { points: points.slice(sent) }
        const draft = isWhole ? { id, version, value: { points } } : { id, from, version, append }
        writer.say({ type: 'draft:update', drafts: [draft] })
        sent = points.length
      }
    }
  },
}

/** What a stroke costs. */
interface Cost {
  /** CPU of the gateway, milliseconds. */
  cpu: number
  /** Sent to each reader, and stored, bytes. */
  sent: number
  stored: number
}

/** Strokes of people who draw at the same time on one board, shown to everybody else in each of the ways. */
async function main(): Promise<void> {
  const services = await startServices({ people: WRITERS })
  try {
    const names = Object.keys(WAYS)
    const costs = new Map<string, Cost[]>(names.map((name) => [name, []]))
    const writers = await Promise.all(
      Array.from({ length: WRITERS }, (_, i) => connect(services, i)),
    )
    for (let i = 0; i < READERS; i++) await connect(services, i % WRITERS)
    for (let round = 0; round < ROUNDS; round++) {
      for (const name of names) costs.get(name)?.push(await measure(services, writers, name))
    }
    const median = (name: string, of: keyof Cost) =>
      quantile(
        (costs.get(name) ?? []).map((cost) => cost[of]),
        0.5,
      )
    const base = median(names[0] ?? '', 'cpu')
    const rows = names.map((name) => {
      const [cpu, sent, stored] = (['cpu', 'sent', 'stored'] as const).map((of) => median(name, of))
      const kilobytes = [sent, stored].map((bytes) => `${((bytes ?? 0) / 1_000).toFixed(1)} kB`)
      return `| ${[name, `${cpu?.toFixed(0)} ms`, ((cpu ?? 0) / base).toFixed(2), ...kilobytes].join(' | ')} |`
    })
    const head = '| a stroke is | CPU of the gateway | ratio | sent to each reader | stored |'
    process.stdout.write(`${[head, '|---|---|---|---|---|', ...rows].join('\n')}\n`)
  } finally {
    await services.stop()
  }
}

async function measure(services: Services, writers: Writer[], way: string): Promise<Cost> {
  const before = await count(services)
  await Promise.all(writers.map((writer, i) => draw(writer, `${way} ${before.stored} ${i}`, way)))
  while (writers.some((writer) => writer.unsaved() > 0)) await delay(5)
  const after = await count(services)
  const strokes = writers.length
  return {
    cpu: (after.cpu - before.cpu) / strokes,
    sent: (after.sent - before.sent) / strokes / (READERS + WRITERS - 1),
    stored: (after.stored - before.stored) / strokes,
  }
}

async function draw(writer: Writer, stroke: string, way: string): Promise<void> {
  const add = WAYS[way]?.(writer, stroke)
  const points: Point[] = []
  const startedAt = performance.now()
  while (points.length < POINTS) {
    const due = Math.floor(((performance.now() - startedAt) * POINTS_PER_SECOND) / 1_000)
    while (points.length < Math.min(due, POINTS)) {
      const i = points.length
      points.push([round(300 + 200 * Math.sin(i / 40)), round(300 + i / 3), round(0.5)])
      add?.(points)
    }
    await delay(2)
  }
}

interface Writer {
  doc: Doc
  say(message: ClientMessage): void
  unsaved(): number
}

function connect({ realtimeUrl, boardId, people }: Services, index: number): Promise<Writer> {
  const { accessToken = '' } = people[index] ?? {}
  const url = `${realtimeUrl}/${boardId}`
  const socket = new WebSocket(url, [SUBPROTOCOL, `bearer.${accessToken}`])
  const doc = new Doc()
  let sent = 0
  let saved = 0
  const send = (frame: Uint8Array) => {
    sent++
    socket.send(frame)
  }
  doc.on('update', (update: Uint8Array) => send(encodeUpdate(update)))
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', (data, isBinary) => {
      if (isBinary) {
        const frame = decodeFrame(data as Buffer)
        if (frame.kind !== 'sync-step-1') return
        send(encodeSyncStep2(encodeStateAsUpdate(doc, frame.stateVector)))
        resolve({
          doc,
          say: (message) => socket.send(JSON.stringify(message)),
          unsaved: () => sent - saved,
        })
        return
      }
      const message = JSON.parse(String(data))
      if (message.type.endsWith(':rejected')) throw new Error(`rejected: ${message.code}`)
      if (message.type === 'sync:ack') saved = message.saved
    })
  })
}

async function count({ metrics, pool, boardId, gatewayCpuMs }: Services) {
  const bytes = await metrics('realtime_sent_bytes_total')
  const text =
    'SELECT coalesce(sum(length(update)), 0)::int AS bytes FROM board_updates WHERE board_id = $1'
  const { rows } = await pool.query(text, [boardId])
  const sent = [...bytes.values()].reduce((sum, each) => sum + each, 0)
  return { cpu: gatewayCpuMs(), sent, stored: Number(rows[0].bytes) }
}

const round = (value: number) => Math.round(value * 100) / 100
const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

await main()
process.exit()
