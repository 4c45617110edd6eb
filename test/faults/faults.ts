import { eventually } from '@mindfuse/testing'
import type { Board } from './board.ts'
import type { Link } from './link.ts'
import type { Random } from './random.ts'
import type { World } from './world.ts'

/** What a fault happens to. */
export interface Scene {
  world: World
  boards: readonly Board[]
}

/** A fault with everything about it that is drawn at random. */
export interface Fault {
  /** What happens to what, for reports. */
  label: string
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

/** How long a link is disturbed, milliseconds. It is healed at the end of the round at the latest. */
const DISTURBED_MS = [50, 600] as const

/** What a slow link adds, milliseconds. */
const DELAY_MS = [20, 250] as const

/** From three tabs this is more than a board stores before its updates are merged. */
const BURST_EDITS = 180

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
        start: () => world.during(world.crashPostgres(downMs)),
      }
    },
  },
  {
    name: 'PostgreSQL backend killed',
    weight: 2,
    draw: (_, { world }) => ({
      label: 'kill a backend of PostgreSQL',
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
        start: () => world.during(world.crashRedis(downMs)),
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
      return { label: `slow ${link.name} by ${delayMs} ms`, start: () => link.slow(delayMs) }
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
      return { label: `half-open: ${link.name}`, start: () => link.sever() }
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
