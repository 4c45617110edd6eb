import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '@mindfuse/testing'
import { Redis } from 'ioredis'
import { pickPort } from './ports.ts'
import { type RedisProcess, startRedisProcess } from './redis-process.ts'

const HOST = '127.0.0.1'
const MASTER = 'boards'
const PASSWORD = 'of-the-servers'
const SENTINEL_PASSWORD = 'of-the-sentinels'

/** How long a master is silent before its Sentinels agree that it is gone, milliseconds. */
const DOWN_AFTER_MS = 1_000

/** How a master ends; Sentinel can be asked to make a replica the master. */
export const MASTER_ENDS = ['SIGKILL', 'SIGSTOP', 'asked for'] as const
type MasterEnd = (typeof MASTER_ENDS)[number]

/** A master with a replica, and three Sentinels that watch them. */
export interface WatchedRedis {
  /** What services have in their environment. */
  settings: { REDIS_URL: string; REDIS_SENTINELS: string; REDIS_SENTINEL_PASSWORD: string }
  /** The port of the master that the Sentinels agree on. */
  masterPort(): Promise<number>
  /** Ends a master. */
  fail(port: number, way: MasterEnd): Promise<void>
  /** Brings a former master back, which becomes a replica; settles once it follows. */
  rejoin(port: number, way: MasterEnd): Promise<void>
  stop(): Promise<void>
}

/** Starts all five, and waits until the Sentinels know each other and the replica. */
export async function startWatchedRedis(): Promise<WatchedRedis> {
  const processes = new Map<number, RedisProcess>()
  const [masterPort, replicaPort] = [await pickPort(), await pickPort()]
  processes.set(masterPort, await startServer(masterPort))
  processes.set(replicaPort, await startServer(replicaPort, masterPort))
  const sentinelPorts = [await pickPort(), await pickPort(), await pickPort()]
  for (const port of sentinelPorts) processes.set(port, await startSentinel(port, masterPort))

  const sentinel = new Redis(sentinelPorts[0]!, HOST, { password: SENTINEL_PASSWORD, protocol: 2 })
  sentinel.on('error', () => undefined)
  const ask = (...args: string[]) => sentinel.call('sentinel', ...args)
  /** Also after a failover: the former master follows the new one. */
  const untilComplete = () =>
    eventually(
      'the Sentinels know each other, and a replica that follows',
      async () => {
        const master = (await ask('master', MASTER)) as string[]
        if (master[master.indexOf('num-other-sentinels') + 1] !== '2') return false
        const [replica = []] = (await ask('replicas', MASTER)) as string[][]
        const field = (name: string) => replica[replica.indexOf(name) + 1]
        return field('flags') === 'slave' && field('master-link-status') === 'ok'
      },
      60_000,
    )
  await untilComplete()

  return {
    settings: {
      REDIS_URL: `redis://:${PASSWORD}@${MASTER}`,
      REDIS_SENTINELS: sentinelPorts.map((port) => `${HOST}:${port}`).join(),
      REDIS_SENTINEL_PASSWORD: SENTINEL_PASSWORD,
    },
    async masterPort() {
      const [, port] = (await ask('get-master-addr-by-name', MASTER)) as string[]
      return Number(port)
    },
    async fail(port, way) {
      if (way === 'asked for') await ask('failover', MASTER)
      else processes.get(port)?.child.kill(way)
    },
    async rejoin(port, way) {
      const process = processes.get(port)
      if (way === 'SIGSTOP') process?.child.kill('SIGCONT')
      if (way === 'SIGKILL') {
        await process?.stop()
        processes.set(port, await startServer(port))
      }
      await untilComplete()
    },
    async stop() {
      sentinel.disconnect()
      await Promise.all([...processes.values()].map((process) => process.stop()))
    },
  }
}

function startServer(port: number, masterPort?: number): Promise<RedisProcess> {
  return startRedisProcess(() => [
    ...['--port', `${port}`, '--bind', HOST, '--save', ''],
    ...['--requirepass', PASSWORD, '--masterauth', PASSWORD],
    ...(masterPort === undefined ? [] : ['--replicaof', HOST, `${masterPort}`]),
  ])
}

function startSentinel(port: number, masterPort: number): Promise<RedisProcess> {
  return startRedisProcess(async (directory) => {
    const file = join(directory, 'sentinel.conf')
    await writeFile(
      file,
      `port ${port}
bind ${HOST}
requirepass ${SENTINEL_PASSWORD}
sentinel monitor ${MASTER} ${HOST} ${masterPort} 2
sentinel auth-pass ${MASTER} ${PASSWORD}
sentinel down-after-milliseconds ${MASTER} ${DOWN_AFTER_MS}
sentinel failover-timeout ${MASTER} 10000
`,
    )
    return [file, '--sentinel']
  })
}
