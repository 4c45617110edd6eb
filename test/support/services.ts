import { randomBytes } from 'node:crypto'
import { type ServiceProcess, startProcess } from './process.ts'

/** The API, a gateway and the identity provider as processes of their own. */
export interface Services {
  /** In the order of their start. */
  processes: readonly ServiceProcess[]
  /** Ends them in order and returns their exit codes. */
  stop(): Promise<(number | null)[]>
}

/** Starts all three and resolves once they are ready. */
export async function startServices(on: {
  databaseUrl: string
  redisUrl: string
  ports: { api: number; realtime: number; identity: number }
  /** What both have in their environment besides. */
  environment?: Record<string, string>
}): Promise<Services> {
  const { api, realtime, identity } = on.ports
  const common = {
    REDIS_URL: on.redisUrl,
    // Others sign in from this address at the same time, and are counted together.
    RATE_LIMIT_FACTOR: '1000',
    INTERNAL_SECRET: randomBytes(16).toString('hex'),
    WEB_ORIGINS: 'https://whiteboard.example',
    ...on.environment,
  }
  const starting: [ServiceProcess, RegExp][] = [
    [
      startProcess('packages/embedded/dist/identity/main.js', { IDENTITY_PORT: `${identity}` }),
      /signs in anyone/,
    ],
    [
      startProcess('apps/api/dist/main.js', {
        ...common,
        API_PORT: `${api}`,
        DATABASE_URL: on.databaseUrl,
        OIDC_ISSUER: `http://localhost:${identity}`,
        GOOGLE_CLIENT_ID: 'local',
        GOOGLE_CLIENT_SECRET: 'local',
      }),
      /api ready/,
    ],
    [
      startProcess('apps/realtime/dist/main.js', {
        ...common,
        REALTIME_PORT: `${realtime}`,
        API_INTERNAL_URL: `http://localhost:${api}`,
      }),
      /gateway ready/,
    ],
  ]
  const processes = starting.map(([service]) => service)
  try {
    await Promise.all(starting.map(([service, ready]) => service.untilPrinted(ready)))
  } catch (error) {
    await Promise.all(processes.map((service) => service.stop('SIGKILL')))
    throw error
  }
  return {
    processes,
    async stop() {
      // The gateway first, as an orchestrator would: it hands its last edits to the API.
      const codes: (number | null)[] = []
      for (const service of processes.toReversed()) codes.push(await service.stop())
      return codes
    },
  }
}
