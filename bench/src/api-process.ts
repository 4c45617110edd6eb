import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startIdentityProvider, startPostgres } from '@mindfuse/embedded'
import { startRedis } from '@mindfuse/testing'

/** What the API's internal routes ask for. */
export const INTERNAL_SECRET = 'bench-internal-secret'

/** The API with bare routes beside it, in one process of its own. */
export interface ApiProcess {
  apiUrl: string
  bareUrl: string
  stop(): Promise<void>
}

/** Starts `api-server.ts`, and everything that it needs. */
export async function startApiProcess(): Promise<ApiProcess> {
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
        ASSETS_DIR: join(dataDir, 'assets'),
        INTERNAL_SECRET,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const [line] = await once(server.stdout, 'data')
  const ports = JSON.parse(String(line)) as { api: number; bare: number }
  return {
    apiUrl: `http://localhost:${ports.api}`,
    bareUrl: `http://127.0.0.1:${ports.bare}`,
    async stop() {
      server.kill('SIGTERM')
      await once(server, 'exit')
      await identityProvider.stop()
      await redis.stop()
      await postgres.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** The middle one of these. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
