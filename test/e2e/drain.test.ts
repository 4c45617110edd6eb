import { Agent, request } from 'node:http'
import { eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import { test } from '../support/process-fixtures.ts'

/** Connections that a proxy keeps, each with a request every {@link PAUSE_MS}. */
const CONNECTIONS = 16
const PAUSE_MS = 5

const ROUNDS = 3

const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS))

/** What a request came to: its status, or the code of the error that it failed with. */
function ask(agent: Agent, apiUrl: string): Promise<{ outcome: string; closes: boolean }> {
  return new Promise((resolve) => {
    // A proxy repeats no POST that may have arrived.
    const sent = request(`${apiUrl}/api/auth/logout`, { agent, method: 'POST' }, (response) => {
      response.resume().once('end', () => {
        const closes = response.headers.connection === 'close'
        resolve({ outcome: `${response.statusCode}`, closes })
      })
    })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      resolve({ outcome: error.code ?? error.message, closes: false })
    })
    sent.end()
  })
}

test('STOP-10: an API that stops answers what comes on kept-alive connections, and none of it fails', {
  timeout: 120_000,
}, async ({ startApi, annotate }) => {
  for (let round = 0; round < ROUNDS; round++) {
    const api = startApi({ OIDC_ISSUER: 'http://localhost:1', RATE_LIMIT_FACTOR: '100000' })
    const [, url = ''] = await api.untilPrinted(/"publicUrl":"([^"]+)","msg":"api ready"/)
    const apiUrl = url.replace('localhost', '127.0.0.1')
    const agents = Array.from({ length: CONNECTIONS }, () => {
      return new Agent({ keepAlive: true, maxSockets: 1 })
    })
    const outcomes = new Set<string>()
    let answered = 0
    let stoppedAt = Number.POSITIVE_INFINITY
    const proxies = agents.map(async (agent) => {
      for (;;) {
        const { outcome, closes } = await ask(agent, apiUrl)
        outcomes.add(outcome)
        answered++
        // From here on a proxy asks another.
        if (closes || outcome !== '401') return performance.now() - stoppedAt
        await pause()
      }
    })
    await eventually('all connections are in use', () => answered > 20 * CONNECTIONS)
    stoppedAt = performance.now()
    expect(await api.stop('SIGTERM')).toBe(0)
    const endedAfterMs = await Promise.all(proxies)
    const lastMs = Math.max(...endedAfterMs).toFixed()
    await annotate(`${answered} answers, the last ${lastMs} ms after the signal`)
    expect([...outcomes]).toEqual(['401'])
    expect(Math.min(...endedAfterMs)).toBeGreaterThan(0)
  }
})
