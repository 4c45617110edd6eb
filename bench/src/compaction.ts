import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { startPostgres } from '@mindfuse/embedded'
import { decodeStoredDocument } from '@mindfuse/internal'
import { startRedis } from '@mindfuse/testing'
import pg from 'pg'
import * as Y from 'yjs'

const INTERNAL_SECRET = 'bench-internal-secret'
const USER = '00000000-0000-4000-8000-000000000001'

/** How often another route is asked meanwhile, milliseconds. */
const PROBE_INTERVAL_MS = 10

/** How long the idle machine is measured, milliseconds. */
const IDLE_MS = 3_000

/** Rows a statement inserts. */
const INSERT_BATCH = 5_000

/** A board that opens, and how its updates came to be. */
interface Scenario {
  name: string
  updates: () => Uint8Array[]
}

const SCENARIOS: Scenario[] = [
  { name: '200,000 keystrokes', updates: () => keystrokes(200_000) },
  { name: '200,000 moves of 500 shapes', updates: () => moves(200_000, 500) },
  { name: '4,000 shapes', updates: () => shapes(4_000) },
  { name: '10,000 shapes', updates: () => shapes(10_000) },
]

/**
 * Opens boards whose updates nothing has merged: how long the first opening takes, which merges
 * them, and the next; and what others notice of it meanwhile.
 */
async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mindfuse-bench-'))
  await chmod(dataDir, 0o755)
  const postgres = await startPostgres({ dataDir, log: () => undefined })
  const redis = await startRedis()
  const server = fork(fileURLToPath(new URL('compaction-server.js', import.meta.url)), {
    env: { ...process.env, DATABASE_URL: postgres.url, REDIS_URL: redis.url, INTERNAL_SECRET },
  })
  const database = new pg.Client({ connectionString: postgres.url })
  try {
    const [{ port }] = (await once(server, 'message')) as [{ port: number }]
    await database.connect()
    const bench = { server, database, url: `http://127.0.0.1:${port}/internal` }
    // Warms up both the API and its worker.
    await measure(bench, { name: 'warm-up', updates: () => keystrokes(5_000) })
    const rows = [
      await measureIdle(bench, 'none, nothing else runs', 0),
      await measureIdle(bench, 'none, two busy threads beside', 2),
    ]
    for (const scenario of SCENARIOS) rows.push(await measure(bench, scenario))
    process.stdout.write(
      `${[
        '| board | stored before | after | first opening | next | event loop at most | other request at most |',
        '|---|---|---|---|---|---|---|',
        ...rows,
      ].join('\n')}\n`,
    )
  } finally {
    await database.end()
    server.kill('SIGTERM')
    await once(server, 'exit')
    await redis.stop()
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

interface Bench {
  server: ChildProcess
  database: pg.Client
  url: string
}

async function measure(bench: Bench, { name, updates }: Scenario): Promise<string> {
  const stored = updates()
  const boardId = await store(bench.database, stored)
  bench.server.send('reset')
  const probe = startProbe(bench.url)
  const first = await open(bench.url, boardId)
  const slowestProbeMs = await probe.stop()
  bench.server.send('read')
  const [{ maxDelayMs }] = (await once(bench.server, 'message')) as [{ maxDelayMs: number }]
  const next = await open(bench.url, boardId)
  const before = stored.reduce((sum, update) => sum + update.length, 0)
  return `| ${[
    name,
    `${mb(before)} in ${stored.length} updates`,
    `${mb(next.bytes)} in ${next.updates}`,
    ms(first.durationMs),
    ms(next.durationMs),
    ms(maxDelayMs),
    ms(slowestProbeMs),
  ].join(' | ')} |`
}

/**
 * How long the machine itself holds up an event loop that has nothing to do: a merge keeps the
 * worker and PostgreSQL busy, which on two cores leaves little for anybody else.
 */
async function measureIdle({ server, url }: Bench, name: string, busy: number): Promise<string> {
  const threads = Array.from({ length: busy }, () => new Worker('for (;;);', { eval: true }))
  server.send('reset')
  const probe = startProbe(url)
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
  const slowestProbeMs = await probe.stop()
  await Promise.all(threads.map((thread) => thread.terminate()))
  server.send('read')
  const [{ maxDelayMs }] = (await once(server, 'message')) as [{ maxDelayMs: number }]
  return `| ${name} | | | | | ${ms(maxDelayMs)} | ${ms(slowestProbeMs)} |`
}

const headers = { authorization: `Internal-Secret ${INTERNAL_SECRET}` }

async function open(url: string, boardId: string) {
  const start = performance.now()
  const response = await fetch(`${url}/boards/${boardId}/document`, { headers })
  if (!response.ok) throw new Error(`opening answered ${response.status}`)
  const bytes = new Uint8Array(await response.arrayBuffer())
  const durationMs = performance.now() - start
  const { updates, snapshot } = decodeStoredDocument(bytes)
  return { durationMs, bytes: bytes.length, updates: updates.length + (snapshot ? 1 : 0) }
}

/** Asks another route all the time, and says how long the slowest answer took. */
function startProbe(url: string): { stop(): Promise<number> } {
  let isStopped = false
  let slowest = 0
  const running = (async () => {
    while (!isStopped) {
      const start = performance.now()
      await fetch(`${url}/boards/${USER}/permission?userId=${USER}`, { headers }).then((r) =>
        r.text(),
      )
      slowest = Math.max(slowest, performance.now() - start)
      await new Promise((resolve) => setTimeout(resolve, PROBE_INTERVAL_MS))
    }
  })()
  return {
    async stop() {
      isStopped = true
      await running
      return slowest
    },
  }
}

/** Behind the API's back, so that nothing merges it before it is opened. */
async function store(database: pg.Client, updates: Uint8Array[]): Promise<string> {
  await database.query(
    `INSERT INTO users (id, email, oauth_provider, oauth_id)
     VALUES ($1, 'bench@example.com', 'bench', 'bench') ON CONFLICT DO NOTHING`,
    [USER],
  )
  const { rows } = await database.query(
    `WITH workspace AS (
       INSERT INTO workspaces (name, type, owner_id) VALUES ('Bench', 'team', $1) RETURNING id
     )
     INSERT INTO boards (workspace_id, name, created_by)
     SELECT id, 'Bench', $1 FROM workspace RETURNING id`,
    [USER],
  )
  const boardId: string = rows[0].id
  await database.query(
    'INSERT INTO board_documents (board_id, seq, tail_bytes) VALUES ($1, $2, $3)',
    [boardId, updates.length, updates.reduce((sum, update) => sum + update.length, 0)],
  )
  for (let i = 0; i < updates.length; i += INSERT_BATCH) {
    await database.query(
      `INSERT INTO board_updates (board_id, seq, user_id, update)
       SELECT $1, $2 + u.place, $3, u.update
       FROM unnest($4::bytea[]) WITH ORDINALITY AS u (update, place)`,
      [boardId, i, USER, updates.slice(i, i + INSERT_BATCH).map((update) => Buffer.from(update))],
    )
  }
  return boardId
}

/** A text typed letter by letter. */
function keystrokes(count: number): Uint8Array[] {
  return record(new Y.Doc(), (doc) => {
    for (let i = 0; i < count; i++) doc.getText('text').insert(i, 'a')
  })
}

/** Shapes that are dragged about: almost all of it is overwritten. */
function moves(count: number, shapeCount: number): Uint8Array[] {
  return record(new Y.Doc(), (doc) => {
    const map = doc.getMap('shapes')
    for (let i = 0; i < count; i++) map.set(`shape-${i % shapeCount}`, { x: i, y: i % 1_000 })
  })
}

/** Pen strokes of about half a kilobyte, each drawn once. */
function shapes(count: number): Uint8Array[] {
  return record(new Y.Doc(), (doc) => {
    const map = doc.getMap('shapes')
    for (let i = 0; i < count; i++) {
      const points = Array.from({ length: 100 }, (_, n) => i * n + 0.5)
      map.set(`shape-${i}`, { kind: 'pen', points, color: '#123456' })
    }
  })
}

function record(doc: Y.Doc, draw: (doc: Y.Doc) => void): Uint8Array[] {
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  draw(doc)
  return updates
}

const mb = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`
const ms = (value: number) => `${Math.round(value)} ms`

await main()
