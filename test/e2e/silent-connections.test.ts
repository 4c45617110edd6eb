import { connect, type Socket } from 'node:net'
import { expect } from 'vitest'
import { test } from '../support/process-fixtures.ts'

const PROMPT_EXIT_MS = 5_000

test('STOP-1: a connection that asks nothing, as browsers open them, does not keep the API', async ({
  startApi,
}) => {
  const service = startApi({ OIDC_ISSUER: 'http://localhost:1' })
  const [, port] = await service.untilPrinted(/"port":(\d+).*"msg":"api ready"/)
  const silent = await new Promise<Socket>((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => resolve(socket))
  })
  silent.on('error', () => undefined)
  const signalledAt = performance.now()
  expect(await service.stop('SIGTERM')).toBe(0)
  expect(performance.now() - signalledAt).toBeLessThan(PROMPT_EXIT_MS)
  silent.destroy()
})
