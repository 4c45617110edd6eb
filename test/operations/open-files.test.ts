import { connect, type Socket } from 'node:net'
import { connectRaw, createBoard, eventually, signIn } from '@mindfuse/testing'
import { expect, inject } from 'vitest'
import { testWith } from '../support/fixtures.ts'
import { pickPort } from '../support/ports.ts'
import { startProcess } from '../support/process.ts'

const test = testWith({ gateways: 0 })
const HOST = '127.0.0.1'

/** For a busy machine, milliseconds. */
const TEST_MS = 180_000
const GATEWAY = 'apps/realtime/dist/main.js'

/** The least that a gateway starts with: 256 connections, and 256 for everything else. */
const OPEN_FILES = 512
const PLACES = 256

/** Connections of one person. */
const EACH = 64

test('a limit of open files that serves nobody ends the start with one line', async () => {
  const environment = { REDIS_URL: 'redis://localhost:1', INTERNAL_SECRET: 'x'.repeat(16) }
  const service = startProcess(GATEWAY, environment, { openFiles: OPEN_FILES - 1 })
  expect(await service.exitCode()).toBe(1)
  expect(service.output().split('\n')).toEqual([expect.any(String), ''])
  expect(service.lastLine().msg).toMatch(/^the limit of open files \(ulimit -n\) is 511: [^\n]+$/)
})

test(
  'connections beyond the limit of open files are refused with 503, and a flood hangs nothing',
  async ({ stack, atEnd }) => {
    const port = await pickPort()
    const service = startProcess(
      GATEWAY,
      {
        REALTIME_HOST: HOST,
        REALTIME_PORT: `${port}`,
        REDIS_URL: inject('redisUrl'),
        API_INTERNAL_URL: stack.apiUrl,
        INTERNAL_SECRET: stack.internalSecret,
      },
      { openFiles: OPEN_FILES },
    )
    atEnd(() => service.stop('SIGKILL'))
    await service.untilPrinted(/gateway ready/)
    expect(service.output()).toContain(`"maxConnections":${PLACES},`)

    for (let connected = 0; connected < PLACES; connected += EACH) {
      const { accessToken: token } = await signIn(stack.apiUrl, `p${connected}@example.com`)
      const boardId = await createBoard(stack.apiUrl, token)
      const url = `ws://${HOST}:${port}/ws/${boardId}?token=${token}`
      for (let i = connected; i < Math.min(connected + EACH, PLACES); i++) {
        const client = await connectRaw(url)
        atEnd(client.destroy)
      }
      if (connected + EACH >= PLACES) {
        await expect(connectRaw(url)).rejects.toMatchObject({ status: 503, code: 'gateway_full' })
      }
    }

    const flood: Socket[] = []
    for (let i = 0; i < OPEN_FILES; i++)
      flood.push(connect(port, HOST).on('error', () => undefined))
    atEnd(() => {
      for (const socket of flood) socket.destroy()
    })
    await service.untilPrinted(/no connections are accepted/)
    for (const socket of flood.splice(0)) socket.destroy()
    await service.untilPrinted(/connections are accepted again/)
    await eventually('it answers', async () => (await fetch(`http://${HOST}:${port}/live`)).ok)
  },
  TEST_MS,
)
