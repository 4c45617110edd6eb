import { inject } from 'vitest'
import { type ServiceProcess, startProcess } from './process.ts'
import { type Stack, WEB_ORIGIN } from './stack.ts'

const HOST = '127.0.0.1'

/** A gateway as its own process, which can be killed. */
export interface GatewayProcess extends ServiceProcess {
  /** Ends in `/ws`. */
  realtimeUrl: string
}

/** Starts the built gateway beside those of a stack; port 0 picks a free one. */
export async function startGatewayProcess(stack: Stack, port = 0): Promise<GatewayProcess> {
  const service = startProcess('apps/realtime/dist/main.js', {
    REALTIME_HOST: HOST,
    REALTIME_PORT: `${port}`,
    WEB_ORIGINS: WEB_ORIGIN,
    REDIS_URL: inject('redisUrl'),
    API_INTERNAL_URL: stack.apiUrl,
    INTERNAL_SECRET: stack.internalSecret,
  })
  const [, boundPort] = await service.untilPrinted(/"port":(\d+).*gateway ready/)
  return { ...service, realtimeUrl: `ws://${HOST}:${boundPort}/ws` }
}
