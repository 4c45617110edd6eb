import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '@mindfuse/testing'
import type { Board } from './board.ts'
import type { Link } from './link.ts'
import type { Random } from './random.ts'
import type { RedisLimit } from './redis.ts'
import type { World } from './world.ts'

/** What a fault happens to. */
export interface Scene {
  world: World
  boards: readonly Board[]
}

/**
 * The ways by which gateways learn that access was taken away: an event over Redis, and what an API
 * answers when it is asked for positions.
 */
export type Path = 'pub/sub' | 'positions'

const BOTH: readonly Path[] = ['pub/sub', 'positions']

/** A fault with everything about it that is drawn at random. */
export interface Fault {
  /** What happens to what, for reports. */
  label: string
  /** What it may interrupt; nothing by default. */
  breaks?: readonly Path[]
  start(): void
}

/** A kind of fault, and how often it is drawn; 0 means only on request. */
export interface FaultKind {
  name: string
  weight: number
  draw(random: Random, scene: Scene): Fault
}

/** How long a killed process stays away, milliseconds. */
const DOWN_MS = [0, 300] as const

/** How long PostgreSQL is frozen, milliseconds: up to more than `VOUCH_SECONDS`. */
const FROZEN_MS = [300, 7_000] as const

/** How long a link is disturbed, milliseconds. It is healed at the end of the round at the latest. */
const DISTURBED_MS = [50, 600] as const

/** What a slow link adds, milliseconds. */
const DELAY_MS = [20, 250] as const

/** From three tabs this is more than a board stores before its updates are merged. */
const BURST_EDITS = 180

/** How much of what passes a bad link is lost at first. */
const LOSS_SHARES = [0.02, 0.1, 0.3] as const

/** By how much a clock jumps, seconds: tokens last 900. */
const JUMPS_S = [-3_600, -300, -30, 30, 300, 3_600] as const

/** How long a replica that takes over has received nothing, milliseconds. */
const LAG_MS = [0, 800] as const

/** How many requests are made at the same moment. */
const FLOOD_REQUESTS = [100, 400] as const

/** What a disturbed link interrupts. */
function pathsOf({ name }: Link): readonly Path[] {
  if (name.endsWith('Redis')) return ['pub/sub']
  if (name.endsWith('APIs')) return ['positions']
  return name.endsWith('PostgreSQL') ? BOTH : []
}

/** Every kind of fault that a round may draw. */
export const FAULT_KINDS: readonly FaultKind[] = [
  {
    name: 'gateway killed',
    weight: 4,
    draw(random, { world }) {
      const gateway = random.pick(world.gateways)
      const downMs = random.between(...DOWN_MS)
      return {
        label: `kill ${gateway.name} for ${downMs} ms`,
        start: () => world.during(gateway.kill(downMs)),
      }
    },
  },
  {
    name: 'API killed',
    weight: 3,
    draw(random, { world }) {
      const apis = random.chance(0.15) ? world.apis : [random.pick(world.apis)]
      const downMs = random.between(...DOWN_MS)
      return {
        label: `kill ${apis.map(({ name }) => name).join(' and ')} for ${downMs} ms`,
        breaks: BOTH,
        start: () => world.during(Promise.all(apis.map((api) => api.kill(downMs)))),
      }
    },
  },
  {
    name: 'PostgreSQL killed',
    weight: 2,
    draw(random, { world }) {
      const downMs = random.between(...DOWN_MS)
      return {
        label: `kill PostgreSQL for ${downMs} ms`,
        breaks: BOTH,
        start: () => world.during(world.crashPostgres(downMs)),
      }
    },
  },
  {
    name: 'PostgreSQL backend killed',
    weight: 2,
    draw: (_, { world }) => ({
      label: 'kill a backend of PostgreSQL',
      breaks: BOTH,
      start: () => world.during(world.postgres.killBackend()),
    }),
  },
  {
    name: 'Redis restarted empty',
    weight: 2,
    draw(random, { world }) {
      const downMs = random.between(...DOWN_MS)
      return {
        label: `kill Redis for ${downMs} ms`,
        breaks: ['pub/sub'],
        start: () => world.during(world.redis.crash(downMs)),
      }
    },
  },
  {
    name: 'everything killed',
    weight: 2,
    draw(random, { world, boards }) {
      const board = random.pick(boards)
      const withPostgres = random.chance(0.3)
      const index = boards.indexOf(board)
      return {
        label: `kill both gateways${withPostgres ? ', PostgreSQL' : ''} and all tabs of board ${index}`,
        breaks: withPostgres ? BOTH : [],
        start() {
          for (const gateway of world.gateways) world.during(gateway.kill(0))
          if (withPostgres) world.during(world.crashPostgres(0))
          board.killTabs(board.tabs.map((_, i) => i))
        },
      }
    },
  },
  {
    name: 'link cut',
    weight: 4,
    draw(random, { world }) {
      const link = random.pick(world.links)
      const forMs = random.between(...DISTURBED_MS)
      return {
        label: `cut ${link.name} for ${forMs} ms`,
        breaks: pathsOf(link),
        start: () => link.cut(forMs),
      }
    },
  },
  {
    name: 'link stalled',
    weight: 5,
    draw(random, { world }) {
      const link = random.pick(world.links)
      const forMs = random.between(...DISTURBED_MS)
      const endsWithReset = random.chance(0.5)
      return {
        label: `stall ${link.name} for ${forMs} ms${endsWithReset ? ', then reset it' : ''}`,
        breaks: pathsOf(link),
        start: () => link.stall(forMs, { endsWithReset }),
      }
    },
  },
  {
    name: 'clients return while storing is stalled',
    weight: 3,
    draw(random, { world }) {
      const i = random.between(0, world.gateways.length - 1)
      const [clients, apis] = [`clients ${i} → gateway`, `gateway ${i} → APIs`].map(
        (name) => world.links.find((link) => link.name === name) as Link,
      )
      return {
        label: `stall ${apis?.name}, then reset ${clients?.name}`,
        breaks: ['positions'],
        start() {
          apis?.stall(DISTURBED_MS[1], { endsWithReset: false })
          setTimeout(() => clients?.reset(), random.between(...DELAY_MS))
        },
      }
    },
  },
  {
    name: 'link slow',
    weight: 3,
    draw(random, { world }) {
      const link = random.pick(world.links)
      const delayMs = random.between(...DELAY_MS)
      return {
        label: `slow ${link.name} by ${delayMs} ms`,
        breaks: pathsOf(link),
        start: () => link.slow(delayMs),
      }
    },
  },
  {
    name: 'clients vanished',
    weight: 2,
    draw(random, { world }) {
      const link = random.pick(world.links.filter(({ name }) => name.startsWith('clients')))
      return { label: `half-open: ${link.name}`, start: () => link.abandon() }
    },
  },
  {
    // Only timeouts heal it, so that it takes ten times as long as the others.
    name: 'link half-open',
    weight: 0,
    draw(random, { world }) {
      const link = random.pick(world.links.filter(({ name }) => !name.startsWith('clients')))
      return { label: `half-open: ${link.name}`, breaks: pathsOf(link), start: () => link.sever() }
    },
  },
  {
    name: 'rolling restart',
    weight: 2,
    draw(random, { world }) {
      const services = random.chance(0.5) ? world.gateways : [random.pick(world.apis)]
      const restart = async () => {
        for (const service of services) {
          await service.restart()
          await service.untilReady()
        }
      }
      return {
        label: `restart ${services.map(({ name }) => name).join(', then ')}`,
        breaks: BOTH,
        start: () => world.during(restart()),
      }
    },
  },
  {
    name: 'board trashed',
    weight: 2,
    draw(random, { world, boards }) {
      const board = random.pick(boards)
      const trashAndRestore = async () => {
        await board.trash()
        // What fell over in between may have done it without saying so.
        await eventually('the board is back', () => board.restore(), 20_000)
      }
      return {
        label: `trash and restore board ${boards.indexOf(board)}`,
        start: () => world.during(trashAndRestore()),
      }
    },
  },
  {
    name: 'burst and compaction',
    weight: 2,
    draw(random, { boards }) {
      const board = random.pick(boards)
      return {
        label: `draw so much on board ${boards.indexOf(board)} that it is compacted`,
        start: () => board.burst(BURST_EDITS),
      }
    },
  },
  {
    name: 'partition',
    weight: 6,
    draw(random, { world }) {
      const link = random.pick(world.links)
      return {
        label: `partition ${link.name}`,
        breaks: pathsOf(link),
        start: () => link.partition(),
      }
    },
  },
  {
    name: 'one-way partition',
    weight: 6,
    draw(random, { world }) {
      const link = random.pick(world.links)
      const only = random.pick(['requests', 'answers'] as const)
      return {
        label: `partition ${link.name}, ${only} only`,
        breaks: pathsOf(link),
        start: () => link.partition(only),
      }
    },
  },
  {
    name: 'link loses',
    weight: 4,
    draw(random, { world }) {
      const link = random.pick(world.links)
      const share = random.pick(LOSS_SHARES)
      const delayMs = random.between(0, DELAY_MS[0])
      return {
        label: `lose ${share * 100} % on ${link.name}, slow by ${delayMs} ms`,
        breaks: pathsOf(link),
        start: () => link.slow(delayMs, share),
      }
    },
  },
  {
    name: 'gateway frozen',
    weight: 3,
    draw(random, { world }) {
      const gateway = random.pick(world.gateways)
      return { label: `freeze ${gateway.name}`, breaks: BOTH, start: () => gateway.freeze() }
    },
  },
  {
    name: 'API frozen',
    weight: 3,
    draw(random, { world }) {
      const api = random.pick(world.apis)
      return { label: `freeze ${api.name}`, breaks: BOTH, start: () => api.freeze() }
    },
  },
  {
    name: 'Redis frozen',
    weight: 2,
    draw: (_, { world }) => ({
      label: 'freeze Redis',
      breaks: ['pub/sub'],
      start: () => world.redis.freeze(),
    }),
  },
  {
    // It thaws by itself: the trial reads it, and only then ends the round.
    name: 'PostgreSQL frozen',
    weight: 2,
    draw(random, { world }) {
      const forMs = random.between(...FROZEN_MS)
      return {
        label: `freeze PostgreSQL for ${forMs} ms`,
        breaks: BOTH,
        start: () => world.during(world.postgres.freeze(forMs)),
      }
    },
  },
  ...(['full', 'read-only', 'evicting'] as const satisfies RedisLimit[]).map(
    (limit): FaultKind => ({
      name: `Redis ${limit}`,
      weight: 3,
      draw: (_, { world }) => ({
        label: `Redis becomes ${limit}`,
        start: () => world.during(world.redis.limit(limit)),
      }),
    }),
  ),
  {
    name: 'Redis replica promoted',
    weight: 1,
    draw(random, { world }) {
      const lagMs = random.between(...LAG_MS)
      return {
        label: `promote a replica of Redis that is ${lagMs} ms behind`,
        breaks: ['pub/sub'],
        start: () => world.during(world.redis.promoteReplica(() => delay(lagMs))),
      }
    },
  },
  {
    name: 'clock jumped',
    weight: 3,
    draw(random, { world }) {
      const i = random.between(0, world.clocks.length - 1)
      const seconds = random.pick(JUMPS_S)
      return {
        label: `the clock of gateway ${i} jumps by ${seconds} s`,
        start: () => world.clocks[i]?.set(seconds * 1_000),
      }
    },
  },
  {
    name: 'flood of requests',
    weight: 3,
    draw(random, { boards }) {
      const board = random.pick(boards)
      const requests = random.between(...FLOOD_REQUESTS)
      return {
        label: `${requests} requests and as many upgrades at once, board ${boards.indexOf(board)}`,
        start: () => board.flood(requests),
      }
    },
  },
  {
    name: 'tabs killed',
    weight: 3,
    draw(random, { boards }) {
      const board = random.pick(boards)
      const indexes = board.tabs.map((_, i) => i).filter(() => random.chance(0.5))
      return {
        label: `kill tabs ${indexes.join(', ')} of board ${boards.indexOf(board)}`,
        start: () => board.killTabs(indexes),
      }
    },
  },
]

/** Kinds by name, instead of all that have a weight. */
const ONLY = process.env.FAULT_ONLY?.split(',')

const DRAWN = FAULT_KINDS.filter(({ name, weight }) => (ONLY ? ONLY.includes(name) : weight > 0))

/** Draws a kind by weight. */
export function drawFault(random: Random, scene: Scene): { kind: FaultKind; fault: Fault } {
  const weightOf = ({ weight }: FaultKind) => weight || 1
  let left = random.next() * DRAWN.reduce((sum, kind) => sum + weightOf(kind), 0)
  const kind = DRAWN.find((candidate) => {
    left -= weightOf(candidate)
    return left < 0
  })
  if (!kind) throw new Error(`no kind of fault is called ${process.env.FAULT_ONLY}`)
  return { kind, fault: kind.draw(random, scene) }
}
