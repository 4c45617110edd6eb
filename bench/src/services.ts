import { createBoard, eventually, type SignedIn, signIn } from '@mindfuse/testing'
import type pg from 'pg'
import { startBackend } from './backend.ts'
import { cpuMs, residentBytes } from './process-stats.ts'

/** Both services as processes of their own, on real PostgreSQL and a real Redis protocol. */
export interface Services {
  apiUrl: string
  /** Ends in `/ws`. */
  realtimeUrl: string
  pool: pg.Pool
  /** People who may edit the board. */
  people: SignedIn[]
  boardId: string
  /** Everything below a name in the gateway's `/metrics`, by its labels. */
  metrics(name: string): Promise<Map<string, number>>
  gatewayPid: number
  /** Memory of the gateway, bytes. */
  gatewayMemory(): number
  /** CPU time of the gateway so far, milliseconds. */
  gatewayCpuMs(): number
  stop(): Promise<void>
}

/** Starts everything, signs people in and makes a board for them. */
export async function startServices(options: { people: number }): Promise<Services> {
  const backend = await startBackend()
  const { apiUrl, pool } = backend
  const gateway = await backend.startGateway()
  const people: SignedIn[] = []
  for (let i = 0; i < options.people; i++) {
    people.push(await signIn(apiUrl, `person${i}@example.com`))
  }
  const boardId = await createBoard(apiUrl, people[0]?.accessToken ?? '')
  for (const { user } of people.slice(1)) {
    const text = `INSERT INTO board_members (board_id, user_id, role) VALUES ($1, $2, 'editor')`
    await pool.query(text, [boardId, user.id])
  }
  return {
    apiUrl,
    realtimeUrl: `ws://127.0.0.1:${gateway.port}/ws`,
    pool,
    people,
    boardId,
    async metrics(name) {
      // The gateway may close an idle connection just when it is used again.
      const text = await eventually('the metrics come', async () =>
        (await fetch(`${gateway.url}/metrics`)).text(),
      )
      const lines = text.split('\n').filter((line) => line.startsWith(name))
      return new Map(
        lines.map((line) => {
          const at = line.lastIndexOf(' ')
          return [line.slice(name.length, at), Number(line.slice(at + 1))]
        }),
      )
    },
    gatewayPid: gateway.pid,
    gatewayMemory: () => residentBytes(gateway.pid),
    gatewayCpuMs: () => cpuMs(gateway.pid),
    stop: () => backend.stop(),
  }
}

/** The value below which such a share of all values is. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
