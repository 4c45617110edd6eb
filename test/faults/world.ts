import { randomBytes } from 'node:crypto'
import { type IdentityProvider, startIdentityProvider } from '@mindfuse/embedded'
import { pickPort } from '../support/ports.ts'
import { VOUCH_SECONDS } from './access.ts'
import { Clock } from './clock.ts'
import { Link } from './link.ts'
import { CrashablePostgres } from './postgres.ts'
import { FailingRedis } from './redis.ts'
import { Supervised } from './supervised.ts'

const HOST = '127.0.0.1'
const GATEWAYS = 2
const APIS = 2

/**
 * Two gateways, two APIs, PostgreSQL and Redis, each in processes of its own, with a link between
 * any two that talk. A gateway reaches both APIs over one link, which balances.
 */
export class World {
  /** For the trial's own requests; no fault happens to this link. */
  readonly apiUrl: string
  /** Where clients reach each gateway; ends in `/ws`. */
  readonly realtimeUrls: readonly string[]
  readonly gateways: readonly Supervised[]
  readonly apis: readonly Supervised[]
  readonly postgres: CrashablePostgres
  readonly redis: FailingRedis
  /** What the gateways take for the time of day, one each. */
  readonly clocks: readonly Clock[]
  /** The stretches of the network that faults happen on. */
  readonly links: readonly Link[]
  readonly #ends: End[]
  /** What is going on and has to end before all can be well. */
  readonly #going = new Set<Promise<unknown>>()

  private constructor(parts: {
    ends: End[]
    ofApis: Record<string, string>
    identityProvider: IdentityProvider
    postgres: CrashablePostgres
    redis: FailingRedis
    clocks: Clock[]
    front: Link
    links: Links
    gatewayPorts: number[]
    apiPorts: number[]
  }) {
    const { links, front, postgres, redis, identityProvider } = parts
    this.apiUrl = `http://localhost:${front.port}`
    this.realtimeUrls = links.clients.map(({ port }) => `ws://${HOST}:${port}/ws`)
    this.links = Object.values(links).flat()
    this.postgres = postgres
    this.#ends = parts.ends
    this.redis = redis
    this.clocks = parts.clocks

    const shared = { INTERNAL_SECRET: randomBytes(16).toString('hex'), LOG_LEVEL: 'warn' }
    this.apis = parts.apiPorts.map((port, i) => {
      const databaseUrl = new URL(postgres.url)
      databaseUrl.port = `${links.postgres[i]?.port}`
      return new Supervised(`API ${i}`, {
        entry: 'apps/api/dist/main.js',
        readyUrl: `http://${HOST}:${port}/ready`,
        environment: {
          ...shared,
          ...parts.ofApis,
          API_HOST: HOST,
          API_PORT: `${port}`,
          PUBLIC_API_URL: this.apiUrl,
          DATABASE_URL: databaseUrl.href,
          REDIS_URL: `redis://${HOST}:${links.apiRedis[i]?.port}`,
          OIDC_ISSUER: identityProvider.issuer,
          GOOGLE_CLIENT_ID: 'test',
          GOOGLE_CLIENT_SECRET: 'test',
          RATE_LIMIT_FACTOR: '1000',
        },
      })
    })
    this.gateways = parts.gatewayPorts.map(
      (port, i) =>
        new Supervised(`gateway ${i}`, {
          entry: 'apps/realtime/dist/main.js',
          readyUrl: `http://${HOST}:${port}/ready`,
          environment: {
            ...shared,
            ...parts.clocks[i]?.environment,
            REALTIME_HOST: HOST,
            REALTIME_PORT: `${port}`,
            REDIS_URL: `redis://${HOST}:${links.gatewayRedis[i]?.port}`,
            API_INTERNAL_URL: `http://${HOST}:${links.gatewayApi[i]?.port}`,
            VOUCH_SECONDS: `${VOUCH_SECONDS}`,
          },
        }),
    )
  }

  /**
   * Starts everything; when a part of it fails, ends what was started before.
   * @param ofApis what the APIs have in their environment besides
   */
  static async start(ofApis: Record<string, string> = {}): Promise<World> {
    const ends: End[] = []
    try {
      const world = await World.#start(ends, ofApis)
      for (const service of [...world.apis, ...world.gateways]) {
        ends.push(() => service.stop())
        service.start()
      }
      await Promise.all([...world.apis, ...world.gateways].map((service) => service.untilReady()))
      return world
    } catch (error) {
      await endAll(ends)
      throw error
    }
  }

  static async #start(ends: End[], ofApis: Record<string, string>): Promise<World> {
    const identityProvider = await startIdentityProvider({ port: await pickPort() })
    ends.push(() => identityProvider.stop())
    const postgres = await CrashablePostgres.start()
    ends.push(() => postgres.stop())
    const redis = await FailingRedis.start()
    ends.push(() => redis.stop())
    const clocks = Array.from({ length: GATEWAYS }, () => new Clock())
    ends.push(async () => {
      for (const clock of clocks) clock.remove()
    })

    const apiPorts = await pickPorts(APIS)
    const gatewayPorts = await pickPorts(GATEWAYS)
    const openLink = async (name: string, targets: () => readonly number[]) => {
      const link = await Link.open(name, await pickPort(), targets)
      ends.push(() => link.close())
      return link
    }
    const openLinks = async (name: string, targets: readonly (() => readonly number[])[]) => {
      const links: Link[] = []
      for (const [i, target] of targets.entries()) {
        links.push(await openLink(name.replace(' →', ` ${i} →`), target))
      }
      return links
    }
    const redisPorts = () => redis.ports
    return new World({
      ends,
      ofApis,
      identityProvider,
      postgres,
      redis,
      clocks,
      front: await openLink('people → APIs', () => apiPorts),
      links: {
        clients: await openLinks(
          'clients → gateway',
          gatewayPorts.map((port) => () => [port]),
        ),
        gatewayApi: await openLinks(
          'gateway → APIs',
          gatewayPorts.map(() => () => apiPorts),
        ),
        gatewayRedis: await openLinks(
          'gateway → Redis',
          gatewayPorts.map(() => redisPorts),
        ),
        apiRedis: await openLinks(
          'API → Redis',
          apiPorts.map(() => redisPorts),
        ),
        postgres: await openLinks(
          'API → PostgreSQL',
          apiPorts.map(() => () => postgres.ports),
        ),
      },
      apiPorts,
      gatewayPorts,
    })
  }

  /** Kills PostgreSQL; it restarts with what it had committed. */
  async crashPostgres(downMs: number): Promise<void> {
    if (this.postgres.ports.length === 0) return
    await this.postgres.kill()
    await delay(downMs)
    await this.postgres.start()
  }

  /** Lets something go on that ends by itself, and that {@link heal} waits for. */
  during(work: Promise<unknown>): void {
    this.#going.add(work)
    // Its failure is the healing's.
    work.then(
      () => this.#going.delete(work),
      () => undefined,
    )
  }

  /** Ends what is broken until it is healed and waits for all else; processes may still be starting. */
  async heal(): Promise<void> {
    for (const link of this.links) link.heal()
    for (const service of [...this.apis, ...this.gateways, this.redis]) service.thaw()
    for (const clock of this.clocks) clock.set(0)
    const going = [...this.#going]
    this.#going.clear()
    await Promise.all(going)
    await this.redis.liftLimits()
  }

  /** Violations by processes; returned once. */
  takeFaults(): string[] {
    return [...this.apis, ...this.gateways].flatMap(({ faults }) => faults.splice(0))
  }

  /** The end of each process' log. */
  get logs(): string {
    return [...this.apis, ...this.gateways].map(({ name, log }) => `== ${name}\n${log}`).join('\n')
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.#going)
    await endAll(this.#ends)
  }
}

type End = () => Promise<unknown> | undefined

/** Ends everything, the last first, and throws the first error only then. */
async function endAll(ends: End[]): Promise<void> {
  const errors: unknown[] = []
  for (const end of ends.splice(0).reverse()) {
    await Promise.resolve(end()).catch((error) => errors.push(error))
  }
  if (errors.length > 0) throw errors[0]
}

interface Links {
  clients: Link[]
  gatewayApi: Link[]
  gatewayRedis: Link[]
  apiRedis: Link[]
  postgres: Link[]
}

async function pickPorts(count: number): Promise<number[]> {
  const ports: number[] = []
  for (let i = 0; i < count; i++) ports.push(await pickPort())
  return ports
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
