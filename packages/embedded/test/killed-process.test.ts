/** Runs the build (`npx tsc -b packages/embedded`), since a child process loads it. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { eventually } from '@mindfuse/testing'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { lockDirectory, startPostgres } from '../src/index.ts'

const BUILD = new URL('../dist/index.js', import.meta.url).href

const CHILD = `
  import { lockDirectory, startPostgres } from '${BUILD}'
  const dataDir = process.argv[1]
  await lockDirectory(dataDir)
  const { url } = await startPostgres({ dataDir, log: () => {}, fast: true })
  console.log(url)
`

// A busy machine may take a while to make a database.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'mindfuse-killed-'))
  await chmod(dataDir, 0o755)
})
afterEach(() => rm(dataDir, { recursive: true }))

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

async function startChild(): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { child, url }
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** The processes whose command line matches. */
function processes(pattern: RegExp): number[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n')
  return lines.filter((line) => pattern.test(line)).map((line) => Number.parseInt(line, 10))
}

it('a process killed outright takes its server along within seconds', async () => {
  const { child } = await startChild()
  const server = new RegExp(`postgres -D ${dataDir}`)
  const [pid] = processes(server)
  await kill(child)
  await eventually('the server ends', () => processes(server).length === 0)
  await eventually(
    'its watchdog ends',
    () => processes(new RegExp(`mindfuse-watchdog ${pid}$`)).length === 0,
  )
})

it('a server that outlived its process and its watchdog is stopped by the next start', async () => {
  const { child, url } = await startChild()
  await expect(lockDirectory(dataDir)).rejects.toThrow(`in use by process ${child.pid}`)
  const [pid] = processes(new RegExp(`postgres -D ${dataDir}`))
  for (const watchdog of processes(new RegExp(`mindfuse-watchdog ${pid}$`))) {
    process.kill(watchdog, 'SIGKILL')
  }
  await kill(child)

  const orphaned = await connect(url)
  await orphaned.query('CREATE TABLE boards ()')

  const lock = await lockDirectory(dataDir)
  const lines: string[] = []
  const postgres = await startPostgres({ dataDir, log: (line) => lines.push(line), fast: true })
  try {
    expect(lines.join('\n')).toContain('left behind')
    const client = await connect(postgres.url)
    expect((await client.query('SELECT FROM boards')).rowCount).toBe(0)
    await client.end()
  } finally {
    await postgres.stop()
    await lock.release()
  }
})
