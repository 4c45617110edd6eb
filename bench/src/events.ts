import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { callApi, eventually, signIn } from '@mindfuse/testing'
import { importJWK, type JWK, SignJWT } from 'jose'
import { type Backend, startBackend, terminate } from './backend.ts'
import { type EventReaders, openReaders } from './event-readers.ts'
import { cpuMs, residentBytes } from './process-stats.ts'
import { quantile } from './services.ts'

const READERS = 5_000
const CHANGES = 50
const WARM_UP_CHANGES = 5
const CHANGE_INTERVAL_MS = 400

/** How long a change may take to all readers before this gives up, milliseconds. */
const TOLD_WITHIN_MS = 60_000

/** How long a server rests after its readers connected, before its memory is measured, milliseconds. */
const SETTLE_MS = 5_000

/** How large a frame of the API is for this board, about; the bare route sends as much, bytes. */
const PADDING_BYTES = 560

/** A server that notifies readers of changes. */
interface Subject {
  name: string
  pid: number
  readers: () => Promise<EventReaders>
  /** Makes a change that carries this name. */
  change(name: string): Promise<unknown>
}

/** What one server did. */
interface Result {
  name: string
  /** Undefined where it was measured before. */
  bytesPerReader?: number
  microsPerDelivery: number
  /** Of each delivery, milliseconds. */
  latencies: number[]
}

/**
 * 5,000 people with an event stream each on one API, all in one workspace: what a stream costs, and
 * how long a change takes to each of them. Beside it a bare Fastify route with the same fan-out.
 */
async function main(): Promise<void> {
  const backend = await startBackend()
  const bare = spawn(
    process.execPath,
    [fileURLToPath(new URL('bare-events.js', import.meta.url))],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  try {
    const [line] = await once(bare.stdout, 'data')
    const results = [
      ...(await measure(bareSubject(bare, Number(String(line))))),
      ...(await measure(await apiSubject(backend))),
    ]
    report(results)
  } finally {
    await terminate(bare)
    await backend.stop()
  }
}

/** Tells changes to all readers, and then again while one of them takes nothing. */
async function measure(subject: Subject): Promise<Result[]> {
  await wait(SETTLE_MS)
  const memoryBefore = residentBytes(subject.pid)
  const readers = await subject.readers()
  await wait(SETTLE_MS)
  const bytesPerReader = (residentBytes(subject.pid) - memoryBefore) / READERS
  await tell(subject, readers, { changes: WARM_UP_CHANGES, expected: readers.open })
  const told = await tell(subject, readers, { changes: CHANGES, expected: readers.open })
  readers.stallOne()
  const stalled = await tell(subject, readers, { changes: CHANGES, expected: readers.open - 1 })
  readers.close()
  return [
    { name: subject.name, bytesPerReader, ...told },
    { name: `${subject.name}, one takes nothing`, ...stalled },
  ]
}

async function tell(
  subject: Subject,
  readers: EventReaders,
  { changes, expected }: { changes: number; expected: number },
): Promise<{ microsPerDelivery: number; latencies: number[] }> {
  const latencies: number[] = []
  const cpuBefore = cpuMs(subject.pid)
  for (let i = 0; i < changes; i++) {
    const number = nextChange++
    const began = performance.now()
    await subject.change(`change-${number}-`)
    const arrivals = () => readers.arrivals(number)
    await eventually('all are notified', () => arrivals().length >= expected, TOLD_WITHIN_MS)
    latencies.push(...arrivals().map((at) => at - began))
    await wait(Math.max(0, CHANGE_INTERVAL_MS - (performance.now() - began)))
  }
  const cpu = cpuMs(subject.pid) - cpuBefore
  return { microsPerDelivery: (1_000 * cpu) / latencies.length, latencies }
}

let nextChange = 1

function bareSubject({ pid = 0 }: ChildProcess, port: number): Subject {
  const padding = 'x'.repeat(PADDING_BYTES)
  return {
    name: 'bare Fastify route',
    pid,
    readers: () =>
      openReaders({
        port,
        path: '/api/events',
        headers: Array.from({ length: READERS }, () => 'accept: text/event-stream'),
        begins: ': hello',
      }),
    change: (name) => callApi(`http://127.0.0.1:${port}/tell`, { body: { name, padding } }),
  }
}

/** All are members of one workspace, created directly in the database: signing in takes longer. */
async function apiSubject({ apiUrl, apiPid, pool }: Backend): Promise<Subject> {
  const { accessToken: token } = await signIn(apiUrl, 'owner@example.com')
  const workspace = await callApi(`${apiUrl}/api/workspaces`, { token, body: { name: 'All' } })
  const path = `/api/workspaces/${workspace.body.id}/boards`
  const board = await callApi(`${apiUrl}${path}`, { token, body: { name: 'Board' } })
  const { rows } = await pool.query(
    `WITH people AS (
       INSERT INTO users (email, email_verified, name, oauth_provider, oauth_id)
       SELECT 'reader' || n || '@example.com', true, 'Reader ' || n, 'bench', 'reader' || n
       FROM generate_series(1, $1::int) AS n RETURNING id
     ), members AS (
       INSERT INTO workspace_members (workspace_id, user_id, role)
       SELECT $2, id, 'member' FROM people
     )
     INSERT INTO sessions (user_id, token, expires_at)
     SELECT id, 'bench ' || id, now() + interval '1 day' FROM people
     RETURNING id, user_id`,
    [READERS, workspace.body.id],
  )
  const headers = await Promise.all(rows.map((row) => authorization(pool, token, row)))
  return {
    name: '`GET /api/events`',
    pid: apiPid,
    readers: () =>
      openReaders({
        port: Number(new URL(apiUrl).port),
        path: '/api/events',
        headers,
        begins: 'event: boards:initial',
      }),
    change: (name) =>
      callApi(`${apiUrl}/api/boards/${board.body.id}`, { token, method: 'PATCH', body: { name } }),
  }
}

let signingKey: Promise<{ kid: string; key: Awaited<ReturnType<typeof importJWK>> }> | undefined

/** The header for the owner of this session, with a token like the owner's. */
async function authorization(
  pool: Backend['pool'],
  ownersToken: string,
  session: { id: string; user_id: string },
): Promise<string> {
  signingKey ??= pool
    .query<{ kid: string; private_jwk: JWK }>('SELECT kid, private_jwk FROM signing_keys')
    .then(async ({ rows: [row] }) => ({
      kid: row?.kid ?? '',
      key: await importJWK(row?.private_jwk ?? {}, 'EdDSA'),
    }))
  const { kid, key } = await signingKey
  const [head = '', payload = ''] = ownersToken.split('.')
  const parse = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  const claims = { ...parse(payload), sub: session.user_id, sid: session.id }
  const signed = new SignJWT(claims).setProtectedHeader({ ...parse(head), alg: 'EdDSA', kid })
  return `Authorization: Bearer ${await signed.sign(key)}`
}

function report(results: readonly Result[]): void {
  const lines = [
    '| route | memory a stream, KiB | CPU a delivery, µs | change to reader, ms: p50 | p99 | slowest of all |',
    '|---|---|---|---|---|---|',
    ...results.map(({ name, bytesPerReader, microsPerDelivery, latencies }) => {
      const delays = [0.5, 0.99, 1].map((share) => Math.round(quantile(latencies, share)))
      const memory = bytesPerReader === undefined ? '' : (bytesPerReader / 1_024).toFixed(1)
      return `| ${name} | ${memory} | ${microsPerDelivery.toFixed(1)} | ${delays.join(' | ')} |`
    }),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

await main()
