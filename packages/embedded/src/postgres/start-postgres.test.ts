import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StartupError } from '@mindfuse/service-kit'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { isAlive } from '../process-identity.ts'
import { isRoot } from './account.ts'
import { type EmbeddedPostgres, startPostgres } from './start-postgres.ts'

// A busy machine may take a while to make a database.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let dataDir: string
let lines: string[]
let started: EmbeddedPostgres[]

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'mindfuse-postgres-'))
  // As root, the user who runs PostgreSQL has to enter it.
  await chmod(dataDir, 0o755)
  lines = []
  started = []
})
afterEach(async () => {
  await Promise.all(started.map((postgres) => postgres.stop()))
  await rm(dataDir, { recursive: true })
})

async function start(): Promise<EmbeddedPostgres> {
  const postgres = await startPostgres({ dataDir, log: (line) => lines.push(line), fast: true })
  started.push(postgres)
  return postgres
}

async function query(postgres: EmbeddedPostgres, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: postgres.url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

async function serverPid(): Promise<number> {
  return Number.parseInt(
    await readFile(join(dataDir, 'postgres', 'data', 'postmaster.pid'), 'utf8'),
    10,
  )
}

it('keeps what was written for the next start', async () => {
  const first = await start()
  const pid = await serverPid()
  await query(first, "CREATE TABLE boards (name text); INSERT INTO boards VALUES ('GRÖßER')")
  await Promise.all([first.stop(), first.stop()])
  expect(isAlive(pid)).toBe(false)

  const second = await start()
  expect(await query(second, 'SELECT lower(name) AS name FROM boards')).toEqual([
    { name: 'größer' },
  ])
  expect(await readdir(dataDir)).toEqual(['postgres'])
})

it('listens on 127.0.0.1 only, and wants the password', async () => {
  const postgres = await start()
  expect(await query(postgres, 'SHOW listen_addresses')).toEqual([
    { listen_addresses: '127.0.0.1' },
  ])
  const wrong = new URL(postgres.url)
  wrong.password = 'guessed'
  await expect(query({ ...postgres, url: wrong.href }, 'SELECT')).rejects.toThrow('authentication')
})

it('stops a server that an earlier run left behind', async () => {
  const first = await start()
  await query(first, 'CREATE TABLE boards ()')
  const orphan = await serverPid()

  const second = await start()
  expect(isAlive(orphan)).toBe(false)
  expect(await query(second, 'SELECT FROM boards')).toEqual([])
})

it('is not misled by a draft that an earlier start could not finish', async () => {
  await mkdir(join(dataDir, 'postgres.draft-abcdef', 'data'), { recursive: true })
  const postgres = await start()
  expect(await query(postgres, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  expect(await readdir(dataDir)).toEqual(['postgres'])
})

it('quotes the log where the server does not start', async () => {
  await (await start()).stop()
  await rm(join(dataDir, 'postgres', 'data', 'global'), { recursive: true })
  await expect(start()).rejects.toThrow(/does not start:[\s\S]*pg_control/)
})

it.runIf(isRoot())('moves where its user can reach it, and is found there again', async () => {
  await chmod(dataDir, 0o700)
  const first = await start()
  await query(first, 'CREATE TABLE boards ()')
  const home = (await readFile(join(dataDir, 'postgres.location'), 'utf8')).trim()
  try {
    await first.stop()
    // Where it is now holds, also when the first choice would do.
    await chmod(dataDir, 0o755)
    expect(await query(await start(), 'SELECT FROM boards')).toEqual([])
    expect(await readdir(dataDir)).toEqual(['postgres.location'])
    await started.at(-1)?.stop()
  } finally {
    await rm(home, { recursive: true })
  }
})

it.runIf(isRoot())('refuses a database that its user can no longer reach', async () => {
  await (await start()).stop()
  await chmod(dataDir, 0o700)
  await expect(start()).rejects.toThrow(StartupError)
})
