import { callApi, eventually } from '@mindfuse/testing'
import { expect, inject } from 'vitest'
import { pickPort } from './ports.ts'
import { type ServiceProcess, startProcess } from './process.ts'
import { type Stack, WEB_ORIGIN } from './stack.ts'

const HOST = '127.0.0.1'

/** A gateway as its own process: it can be killed, and is watched from outside. */
export interface GatewayProcess extends ServiceProcess {
  /** Ends in `/ws`. */
  realtimeUrl: string
  /** Where `/health`, `/ready` and `/metrics` are. */
  httpUrl: string
  /** One number out of `/metrics`: `name` or `name{label="value"}`; 0 where there is none. */
  metric(series: string): Promise<number>
}

/** What a gateway has unless a test changes it. */
export interface GatewayProcessOptions {
  /** A free one by default. */
  port?: number
  /** At `error` it prints nothing, unless something goes wrong. */
  logLevel?: 'trace' | 'info' | 'error'
  redisUrl?: string
  apiUrl?: string
  /** The stack's by default. */
  secret?: string
  /** Memory for open boards, MiB. */
  openBoards?: number
  /** How long it goes on while no API is heard of, seconds. */
  vouchSeconds?: number
  /** More of its environment. */
  environment?: Record<string, string>
}

/** Starts the built gateway beside those of a stack and resolves once it is ready. */
export async function startGatewayProcess(
  stack: Stack,
  options: GatewayProcessOptions = {},
): Promise<GatewayProcess> {
  const port = options.port ?? (await pickPort())
  const service = startProcess('apps/realtime/dist/main.js', {
    REALTIME_HOST: HOST,
    REALTIME_PORT: `${port}`,
    PUBLIC_METRICS: '1',
    WEB_ORIGINS: WEB_ORIGIN,
    REDIS_URL: options.redisUrl ?? inject('redisUrl'),
    API_INTERNAL_URL: options.apiUrl ?? stack.apiUrl,
    INTERNAL_SECRET: options.secret ?? stack.internalSecret,
    LOG_LEVEL: options.logLevel ?? 'info',
    ...(options.vouchSeconds && { VOUCH_SECONDS: `${options.vouchSeconds}` }),
    ...options.environment,
    ...(options.openBoards && { OPEN_BOARDS_MIB: `${options.openBoards}` }),
  })
  const httpUrl = `http://${HOST}:${port}`
  // At the level of errors it logs nothing, so poll it.
  await eventually('the gateway is ready', async () => {
    if (service.child.exitCode !== null) throw new Error(service.output())
    return (await callApi(`${httpUrl}/ready`)).status === 200
  })
  return {
    ...service,
    realtimeUrl: `ws://${HOST}:${port}/ws`,
    httpUrl,
    async metric(series) {
      const text = await (await fetch(`${httpUrl}/metrics`)).text()
      const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `))
      return Number(line?.slice(series.length + 1) ?? 0)
    },
  }
}

/** Checks that no gateway has ended or, at the log level `error`, printed anything. */
export function expectHealthy(gateways: readonly GatewayProcess[]): void {
  for (const gateway of gateways) {
    expect(gateway.child.exitCode).toBeNull()
    expect(gateway.output()).toBe('')
  }
}
