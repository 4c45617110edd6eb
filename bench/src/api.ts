import { createBoard, signIn } from '@mindfuse/testing'
import autocannon from 'autocannon'
import { INTERNAL_SECRET, median, startApiProcess } from './api-process.ts'

const ROUNDS = 5
const ROUND_SECONDS = 4
const CONNECTIONS = 20

/**
 * Requests a second of the API's hot routes beside a bare Fastify route that runs one prepared
 * query, all in one process, on one database, in one run. The rounds alternate, so that whatever
 * else the machine does falls on all of them.
 */
async function main(): Promise<void> {
  const server = await startApiProcess()
  try {
    const { apiUrl, bareUrl } = server
    const { accessToken, user } = await signIn(apiUrl, 'ada@example.com')
    const boardId = await createBoard(apiUrl, accessToken)
    const routes = {
      'bare route': { url: `${bareUrl}/boards/${boardId}`, headers: {} },
      'GET /api/boards/:id': {
        url: `${apiUrl}/api/boards/${boardId}`,
        headers: { authorization: `Bearer ${accessToken}` },
      },
      'permission endpoint': {
        url: `${apiUrl}/internal/boards/${boardId}/permission?userId=${user.id}`,
        headers: { authorization: `Internal-Secret ${INTERNAL_SECRET}` },
      },
    }
    const rates = await measure(routes)
    report(rates)
  } finally {
    await server.stop()
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

await main()
