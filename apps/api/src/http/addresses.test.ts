import type { AddressInfo } from 'node:net'
import { createLogger, listenHost } from '@mindfuse/service-kit'
import { afterEach, expect, test } from 'vitest'
import { type App, createHttpApp } from './app.ts'

let app: App | undefined
afterEach(() => app?.close())

const hasIpv6 = listenHost('::') === '::'

test.skipIf(!hasIpv6)(
  'an API that listens on both families names addresses of IPv4 as such',
  async () => {
    app = await createHttpApp({ log: createLogger({ service: 'test', level: 'silent' }) })
    app.get('/', (request) => ({ ip: request.ip }))
    await app.listen({ port: 0, host: '::' })
    const { port } = app.server.address() as AddressInfo
    const ipAt = (host: string) =>
      fetch(`http://${host}:${port}/`).then((response) => response.json())
    expect(await ipAt('127.0.0.1')).toEqual({ ip: '127.0.0.1' })
    expect(await ipAt('[::1]')).toEqual({ ip: '::1' })
  },
)
