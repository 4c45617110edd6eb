import { rm } from 'node:fs/promises'
import { resolvePort } from '@mindfuse/service-kit'
import {
  connectStockClient,
  createBoard,
  createTestDatabase,
  eventually,
  type SignedIn,
  signIn,
} from '@mindfuse/testing'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { makeDataDir } from '../support/data-dir.ts'
import { type ServiceProcess, startProcess } from '../support/process.ts'
import { type Services, startServices } from '../support/services.ts'

interface Deployment {
  apiUrl: string
  realtimeUrl: string
  /** Starts all of it and resolves once it is ready. */
  start(): Promise<void>
  /** Ends all of it in order and returns the exit codes. */
  stop(): Promise<(number | null)[]>
  cleanUp(): Promise<void>
}

/** `npm start`: one process on embedded stores. */
async function standalone(): Promise<Deployment> {
  const [apiPort, realtimePort] = [
    await resolvePort(0, 'localhost'),
    await resolvePort(0, 'localhost'),
  ]
  const dataDir = await makeDataDir()
  let service: ServiceProcess
  return {
    apiUrl: `http://localhost:${apiPort}`,
    realtimeUrl: `ws://localhost:${realtimePort}/ws`,
    async start() {
      service = startProcess('apps/standalone/dist/main.js', {
        API_PORT: `${apiPort}`,
        REALTIME_PORT: `${realtimePort}`,
        DATA_DIR: dataDir,
      })
      await service.untilPrinted(/Mindfuse is ready/)
    },
    // What Ctrl-C sends.
    stop: async () => [await service.stop('SIGINT')],
    cleanUp: () => rm(dataDir, { recursive: true, force: true }),
  }
}

/** `npm run start:api`, `start:realtime`, `start:identity` on PostgreSQL and the Redis protocol. */
async function separateProcesses(): Promise<Deployment> {
  const [apiPort, realtimePort, identityPort] = [
    await resolvePort(0, 'localhost'),
    await resolvePort(0, 'localhost'),
    await resolvePort(0, 'localhost'),
  ]
  const database = await createTestDatabase(inject('templateUrl'))
  let services: Services
  return {
    apiUrl: `http://localhost:${apiPort}`,
    realtimeUrl: `ws://localhost:${realtimePort}/ws`,
    async start() {
      services = await startServices({
        databaseUrl: database.url,
        redisUrl: inject('redisUrl'),
        ports: { api: apiPort, realtime: realtimePort, identity: identityPort },
      })
    },
    stop: () => services.stop(),
    cleanUp: () => database.drop(),
  }
}

describe.each([
  ['npm start', standalone],
  ['separate processes', separateProcesses],
])('%s', (_, deploy) => {
  let deployment: Deployment | undefined
  const clients: { destroy(): void }[] = []
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy()
    await deployment?.stop()
    await deployment?.cleanUp()
  })

  test('two people sign in, draw on one board, and a third reads it after a restart; no port has metrics', async () => {
    deployment = await deploy()
    await deployment.start()
    const { apiUrl, realtimeUrl } = deployment
    const connect = (boardId: string, who: SignedIn) => {
      const client = connectStockClient({ realtimeUrl, boardId, token: who.accessToken })
      clients.push(client)
      return client
    }

    const [ada, adaAgain] = [
      await signIn(apiUrl, 'ada@example.com'),
      await signIn(apiUrl, 'ada@example.com'),
    ]
    const boardId = await createBoard(apiUrl, ada.accessToken)
    const [one, two] = [connect(boardId, ada), connect(boardId, adaAgain)]
    await Promise.all([one.synced(), two.synced()])
    one.doc.getMap('shapes').set('circle', { r: 5 })
    two.doc.getMap('shapes').set('square', { a: 3 })
    const drawing = { circle: { r: 5 }, square: { a: 3 } }
    for (const client of [one, two]) {
      await eventually('both see both', () => client.doc.getMap('shapes').size === 2)
      expect(client.doc.getMap('shapes').toJSON()).toEqual(drawing)
    }
    for (const client of clients.splice(0)) client.destroy()
    for (const url of [apiUrl, realtimeUrl.replace(/^ws/, 'http')]) {
      expect((await fetch(new URL('/metrics', url))).status).toBe(404)
    }

    expect(new Set(await deployment.stop())).toEqual(new Set([0]))
    await deployment.start()

    const third = connect(boardId, await signIn(apiUrl, 'ada@example.com'))
    await third.synced()
    expect(third.doc.getMap('shapes').toJSON()).toEqual(drawing)
  })
})
