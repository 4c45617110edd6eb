import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { resolvePort } from '@mindfuse/service-kit'
import { Redis } from 'ioredis'
import { eventually } from './eventually.ts'

const run = promisify(execFile)

/** A server that speaks the Redis protocol. */
export interface RedisServer {
  url: string
  /** Sends its process a signal, if it is ours. */
  signal(name: NodeJS.Signals): void
  stop(): Promise<void>
}

/** Arguments that keep each server on loopback and without files. */
const SERVERS: Record<string, (port: number, directory: string) => string[]> = {
  dragonfly: (port, directory) => [
    `--port=${port}`,
    '--bind=127.0.0.1',
    '--dbfilename=',
    `--dir=${directory}`,
    '--proactor_threads=1',
    '--maxmemory=512mb',
  ],
  'valkey-server': redisArguments,
  'redis-server': redisArguments,
}

function redisArguments(port: number, directory: string): string[] {
  return ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', directory]
}

/**
 * A server for tests: the one `REDIS_URL` names, else the first of dragonfly, valkey-server and
 * redis-server on the PATH, else redis-server installed with apt where that is possible.
 *
 * @param options.port start one on this port, whatever `REDIS_URL` says, to be stopped and started
 * again empty
 * @param options.command start this one, whatever else there is; it takes the arguments of redis-server
 * @throws Error that says what to install
 */
export async function startRedis(
  options: { port?: number; command?: readonly string[] } = {},
): Promise<RedisServer> {
  const { REDIS_URL } = process.env
  if (REDIS_URL && options.port === undefined && !options.command)
    return { url: REDIS_URL, signal: () => undefined, stop: async () => undefined }
  const [program = '', ...first] = options.command ?? [findProgram() ?? (await installWithApt())]
  const directory = await mkdtemp(join(tmpdir(), 'mindfuse-redis-'))
  const port = options.port ?? (await resolvePort(0, '127.0.0.1'))
  const argumentsOf = SERVERS[program] ?? redisArguments
  const child = spawn(program, [...first, ...argumentsOf(port, directory)], { stdio: 'ignore' })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = `redis://127.0.0.1:${port}`
  const stop = async () => {
    child.kill('SIGKILL')
    await exited
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await eventually(`${program} answers`, () => answersPing(url))
  } catch (error) {
    await stop()
    throw error
  }
  return { url, signal: (name) => child.kill(name), stop }
}

function findProgram(): string | undefined {
  const directories = (process.env.PATH ?? '').split(delimiter)
  return Object.keys(SERVERS).find((program) =>
    directories.some((directory) => existsSync(join(directory, program))),
  )
}

async function installWithApt(): Promise<string> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(
      'the tests need dragonfly, valkey-server or redis-server on the PATH, or REDIS_URL',
    )
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update', '-qq'], { env })
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'], { env })
  return 'redis-server'
}

async function answersPing(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return (await client.ping()) === 'PONG'
  } finally {
    client.disconnect()
  }
}
