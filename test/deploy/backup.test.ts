import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connectStockClient, createBoard, eventually, signIn } from '@mindfuse/testing'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { fileOf, newPicture, setThumbnail } from '../support/files.ts'
import { pickPort } from '../support/ports.ts'
import type { ServiceProcess } from '../support/process.ts'
import { startServices } from '../support/services.ts'
import {
  findSystemPostgres,
  type SystemPostgres,
  startSystemPostgres,
} from '../support/system-postgres.ts'

const PICTURE = new URL('../../docs/images/whiteboard.png', import.meta.url)
const SCRIPTS = fileURLToPath(new URL('../../deploy/', import.meta.url))
const binaries = await findSystemPostgres()

describe.skipIf(!binaries)('backup and restore', () => {
  let postgres: SystemPostgres
  let directory: string
  const started: ServiceProcess[] = []
  beforeAll(async () => {
    postgres = await startSystemPostgres(binaries!)
    directory = await mkdtemp(join(tmpdir(), 'mindfuse-backup-'))
  })
  afterAll(async () => {
    await Promise.all(started.map((service) => service.stop('SIGKILL')))
    await postgres.stop()
    await rm(directory, { recursive: true, force: true })
  })

  const assetsOf = (database: string) => join(directory, `${database}-assets`)
  const script = (name: string, database: string, file: string) =>
    spawnSync(join(SCRIPTS, name), [file], {
      env: {
        PATH: `${binaries}:${process.env.PATH}`,
        DATABASE_URL: postgres.url(database),
        ASSETS_DIR: assetsOf(database),
      },
      encoding: 'utf8',
    })

  /** Both services on a database, with shared state of their own: nothing but it is left of others. */
  const start = async (database: string, redisDatabase: number) => {
    const [apiPort, realtimePort, identityPort] = [
      await pickPort(),
      await pickPort(),
      await pickPort(),
    ]
    const services = await startServices({
      databaseUrl: postgres.url(database),
      redisUrl: `${inject('redisUrl')}/${redisDatabase}`,
      ports: { api: apiPort, realtime: realtimePort, identity: identityPort },
      environment: { ASSETS_DIR: assetsOf(database) },
    })
    started.push(...services.processes)
    return {
      apiUrl: `http://localhost:${apiPort}`,
      realtimeUrl: `ws://localhost:${realtimePort}/ws`,
      identityPort,
      async stop() {
        expect(await services.stop()).toEqual([0, 0, 0])
      },
    }
  }

  test('a board opens on a database that was restored from a backup', async () => {
    await postgres.createDatabase('before')
    const before = await start('before', 1)
    const { accessToken, browser } = await signIn(before.apiUrl, 'ada@example.com')
    const boardId = await createBoard(before.apiUrl, accessToken)
    const drawer = connectStockClient({ ...before, boardId, token: accessToken })
    await drawer.synced()
    drawer.doc.getMap('shapes').set('circle', { r: 5 })
    drawer.destroy()
    const picture = await readFile(PICTURE)
    const digest = createHash('sha256').update(picture).digest('hex')
    const authorization = `Bearer ${accessToken}`
    const assetUrl = (apiUrl: string) => `${apiUrl}/api/boards/${boardId}/assets/${digest}`
    const upload = { method: 'PUT', headers: { authorization }, body: picture }
    expect((await fetch(assetUrl(before.apiUrl), upload)).status).toBe(201)
    const thumbnail = newPicture()
    expect((await setThumbnail(before, { accessToken }, boardId, thumbnail.bytes)).status).toBe(204)
    // It stores what it has before it ends.
    await before.stop()

    const file = join(directory, 'mindfuse.dump')
    expect(script('backup.sh', 'before', file)).toMatchObject({ status: 0, stderr: '' })
    for (const it of [file, `${file}.assets`]) expect(statSync(it).mode & 0o777).toBe(0o600)
    await postgres.createDatabase('after')
    expect(script('restore.sh', 'after', file)).toMatchObject({ status: 0, stderr: '' })

    const after = await start('after', 2)
    // Keys were restored too: what was signed before is good.
    const me = await fetch(`${after.apiUrl}/api/auth/me`, { headers: { authorization } })
    expect(me.status).toBe(200)
    // And so were sessions.
    const token = await browser.fetch(`${after.apiUrl}/api/auth/token`, { method: 'POST' })
    expect(token.status).toBe(200)
    const restored = await fetch(assetUrl(after.apiUrl), { headers: { authorization } })
    expect(picture.equals(Buffer.from(await restored.arrayBuffer()))).toBe(true)
    const thumbnailUrl = `${after.apiUrl}/api/boards/${boardId}/thumbnail`
    const pictured = await fetch(thumbnailUrl, { headers: { authorization } })
    expect(fileOf(Buffer.from(await pictured.arrayBuffer()))).toEqual(thumbnail)
    const reader = connectStockClient({ ...after, boardId, token: accessToken })
    await reader.synced()
    expect(reader.doc.getMap('shapes').toJSON()).toEqual({ circle: { r: 5 } })
    const other = connectStockClient({ ...after, boardId, token: accessToken })
    await other.synced()
    reader.doc.getMap('shapes').set('square', { a: 3 })
    await eventually('one draws on', () => other.doc.getMap('shapes').size === 2)
    reader.destroy()
    other.destroy()
    await after.stop()
  })

  test('what is not empty is not restored into', async () => {
    const result = script('restore.sh', 'after', join(directory, 'mindfuse.dump'))
    expect(result.status).toBe(1)
    expect(result.stderr).toMatch(/the database is not empty: it has \d+ tables/)
  })

  test('a backup that fails leaves no file behind', () => {
    const file = join(directory, 'none.dump')
    expect(script('backup.sh', 'missing', file).status).not.toBe(0)
    expect(readdirSync(directory).filter((name) => name.startsWith('none'))).toEqual([])
  })
})
