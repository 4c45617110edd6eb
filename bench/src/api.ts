import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startIdentityProvider, startPostgres } from '@mindfuse/embedded'
import { createBoard, signIn, startRedis } from '@mindfuse/testing'
import autocannon from 'autocannon'

const ROUNDS = 5
const ROUND_SECONDS = 4
const CONNECTIONS = 20
const INTERNAL_SECRET = 'bench-internal-secret'

/**
 * Requests a second of the API's hot routes beside a bare Fastify route that runs one prepared
 * query, all in one process, on one database, in one run. The rounds alternate, so that whatever
 * else the machine does falls on all of them.
 */
async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mindfuse-bench-'))
  await chmod(dataDir, 0o755)
  const postgres = await startPostgres({ dataDir, log: () => undefined })
  const redis = await startRedis()
  const identityProvider = await startIdentityProvider({ port: 0 })
  const server = spawn(
    process.execPath,
    [fileURLToPath(new URL('api-server.js', import.meta.url))],
    {
      env: {
        ...process.env,
        DATABASE_URL: postgres.url,
        REDIS_URL: redis.url,
        OIDC_ISSUER: identityProvider.issuer,
        INTERNAL_SECRET,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  try {
    const [line] = await once(server.stdout, 'data')
    const ports = JSON.parse(String(line)) as { api: number; bare: number }
    const apiUrl = `http://localhost:${ports.api}`
    const { accessToken, user } = await signIn(apiUrl, 'ada@example.com')
    const boardId = await createBoard(apiUrl, accessToken)
    const routes = {
      'bare route': { url: `http://127.0.0.1:${ports.bare}/boards/${boardId}`, headers: {} },
      'GET /api/boards/:id': {
        url: `http://127.0.0.1:${ports.api}/api/boards/${boardId}`,
        headers: { authorization: `Bearer ${accessToken}` },
      },
      'permission endpoint': {
        url: `http://127.0.0.1:${ports.api}/internal/boards/${boardId}/permission?userId=${user.id}`,
        headers: { authorization: `Internal-Secret ${INTERNAL_SECRET}` },
      },
    }
    const rates = await measure(routes)
    report(rates)
  } finally {
    server.kill('SIGTERM')
    await once(server, 'exit')
    await identityProvider.stop()
    await redis.stop()
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function measure(
  routes: Record<string, { url: string; headers: Record<string, string> }>,
): Promise<Map<string, number[]>> {
  const rates = new Map<string, number[]>()
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, { url, headers }] of Object.entries(routes)) {
      const result = await autocannon({
        url,
        headers,
        connections: CONNECTIONS,
        duration: ROUND_SECONDS,
      })
      if (result.non2xx > 0 || result.errors > 0) {
        throw new Error(`${name}: ${result.non2xx} refused, ${result.errors} errors`)
      }
      // The first round warms up.
      if (round > 0) rates.set(name, [...(rates.get(name) ?? []), result.requests.average])
    }
  }
  return rates
}

function report(rates: Map<string, number[]>): void {
  const bare = median(rates.get('bare route') ?? [])
  const lines = ['| route | requests/s | ratio to bare |', '|---|---|---|']
  for (const [name, values] of rates) {
    const rate = median(values)
    lines.push(`| ${name} | ${Math.round(rate)} | ${(rate / bare).toFixed(2)} |`)
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

await main()
