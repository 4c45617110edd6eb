import { setTimeout as delay } from 'node:timers/promises'
import { eventually, type RedisServer, startRedis, startTcpProxy } from '@mindfuse/testing'
import { Redis } from 'ioredis'
import { pickPort } from '../support/ports.ts'

/** By how much its memory is made too small, so that it has to evict, bytes. */
const EVICTED_BYTES = 4_096

/** How a server refuses writes or loses keys, by its own settings. */
const LIMITS = {
  full: () => [['maxmemory', '1']],
  'read-only': () => [['min-replicas-to-write', '1']],
  evicting: (usedBytes: number) => [
    ['maxmemory-policy', 'volatile-lru'],
    ['maxmemory', `${usedBytes - EVICTED_BYTES}`],
  ],
} satisfies Record<string, (usedBytes: number) => string[][]>

/** One of the limits that a server may be given. */
export type RedisLimit = keyof typeof LIMITS

const NO_LIMITS = [
  ['maxmemory', '0'],
  ['maxmemory-policy', 'noeviction'],
  ['min-replicas-to-write', '0'],
] as const

/** Redis that crashes, freezes, runs out of memory, and is replaced by its replica. */
export class FailingRedis {
  #server: RedisServer | undefined

  private constructor(server: RedisServer) {
    this.#server = server
  }

  static async start(): Promise<FailingRedis> {
    return new FailingRedis(await startRedis({ port: await pickPort() }))
  }

  /** Where it listens, if it does: at another port after a replica was promoted. */
  get ports(): number[] {
    return this.#server ? [Number(new URL(this.#server.url).port)] : []
  }

  /** Kills it; it restarts empty. */
  async crash(downMs: number): Promise<void> {
    const server = this.#server
    if (!server) return
    this.#server = undefined
    await server.stop()
    await delay(downMs)
    this.#server = await startRedis({ port: Number(new URL(server.url).port) })
  }

  /**
   * Starts a replica, which takes over after something that it receives nothing of: what is written
   * meanwhile is gone.
   */
  async promoteReplica(meanwhile: () => Promise<unknown>): Promise<void> {
    const server = this.#server
    if (!server) return
    const replica = await startRedis({ port: await pickPort() })
    const line = await startTcpProxy(server.url)
    try {
      await command(server.url, (redis) => redis.config('SET', 'repl-diskless-sync-delay', '0'))
      await command(replica.url, (redis) => redis.replicaof('127.0.0.1', line.port))
      await eventually('the replica has everything', async () =>
        (await command(replica.url, (redis) => redis.info('replication'))).includes(
          'master_link_status:up',
        ),
      )
      line.stall()
      await meanwhile()
      // Another fault may have replaced the server meanwhile.
      if (this.#server !== server) return await replica.stop()
      await command(replica.url, (redis) => redis.replicaof('NO', 'ONE'))
      this.#server = replica
      await server.stop()
    } catch (error) {
      await replica.stop()
      // A server that another fault has killed has no replica to promote.
      if (this.#server === server) throw error
    } finally {
      await line.stop()
    }
  }

  /** Stops its process until it is healed: connections stay, nothing is answered. */
  freeze(): void {
    this.#server?.signal('SIGSTOP')
  }

  /** Sets a limit until it is healed. */
  async limit(limit: RedisLimit): Promise<void> {
    const url = this.#server?.url
    if (!url) return
    const set = async (redis: Redis) => {
      const usedBytes = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1])
      for (const [name, value] of LIMITS[limit](usedBytes)) {
        await redis.config('SET', name as string, value as string)
      }
    }
    await command(url, set).catch((error) => {
      if (this.#server?.url === url) throw error
    })
  }

  /** Lets it run again. */
  thaw(): void {
    this.#server?.signal('SIGCONT')
  }

  async liftLimits(): Promise<void> {
    const server = this.#server
    if (!server) return
    await command(server.url, async (redis) => {
      for (const [name, value] of NO_LIMITS) await redis.config('SET', name, value)
    })
  }

  async stop(): Promise<void> {
    await this.#server?.stop()
  }
}

/** Says something to a server, on a connection of its own. */
async function command<Result>(
  url: string,
  say: (redis: Redis) => Promise<Result>,
): Promise<Result> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    return await say(redis)
  } finally {
    redis.disconnect()
  }
}
