import { resolvePort } from '@mindfuse/service-kit'
import { callApi, eventually } from '@mindfuse/testing'
import { inject } from 'vitest'
import { type ServiceProcess, startProcess } from './process.ts'
import { type Stack, WEB_ORIGIN } from './stack.ts'

/** A gateway as its own process, to be watched from outside: its metrics and all that it prints. */
export interface ObservedGateway extends ServiceProcess {
  /** Ends in `/ws`. */
  realtimeUrl: string
  /** Where `/health`, `/ready` and `/metrics` are. */
  httpUrl: string
  /** One number out of `/metrics`: `name` or `name{label="value"}`; 0 where there is none. */
  metric(series: string): Promise<number>
}

/** Starts a gateway on a stack's API and resolves once it is ready. */
export async function startObservedGateway(
  stack: Stack,
  { logLevel }: { logLevel: 'trace' | 'info' | 'error' },
): Promise<ObservedGateway> {
  const port = await resolvePort(0, '127.0.0.1')
  const service = startProcess('apps/realtime/dist/main.js', {
    REALTIME_HOST: '127.0.0.1',
    REALTIME_PORT: `${port}`,
    REDIS_URL: inject('redisUrl'),
    API_INTERNAL_URL: stack.apiUrl,
    INTERNAL_SECRET: stack.internalSecret,
    WEB_ORIGINS: WEB_ORIGIN,
    LOG_LEVEL: logLevel,
  })
  const httpUrl = `http://127.0.0.1:${port}`
  // It may log errors alone, so it is asked.
  await eventually(
    'the gateway is ready',
    async () => {
      if (service.child.exitCode !== null) throw new Error(service.output())
      return (await callApi(`${httpUrl}/ready`)).status === 200
    },
    30_000,
  )
  return {
    ...service,
    realtimeUrl: `ws://127.0.0.1:${port}/ws`,
    httpUrl,
    async metric(series) {
      const text = await (await fetch(`${httpUrl}/metrics`)).text()
      const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `))
      return Number(line?.slice(series.length + 1) ?? 0)
    },
  }
}
