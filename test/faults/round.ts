import { setTimeout as delay } from 'node:timers/promises'
import type { Board } from './board.ts'
import { auditStored, checkHealed } from './checks.ts'
import { drawFault, type Fault, type Scene } from './faults.ts'
import { createRandom } from './random.ts'

/** How long people draw in a round, milliseconds. */
const WRITING_MS = [350, 800] as const

/** The first fault waits until something is on its way, milliseconds. */
const FIRST_FAULT_MS = 60

/** How often two faults come at the same moment. */
const AT_ONCE_SHARE = 0.3

/** How often PostgreSQL is read meanwhile, milliseconds. */
const AUDIT_EVERY_MS = 60

/** What happens in a round, and when. The same seed and number draw the same. */
export interface RoundPlan {
  round: number
  writingMs: number
  faults: { atMs: number; kind: string; fault: Fault }[]
}

/** The result of a round. */
export interface RoundResult {
  plan: RoundPlan
  /** From the last repair to full recovery, milliseconds. */
  healMs: number
  /** Violations. */
  problems: string[]
}

/** Draws a round's one to three faults and their moments. */
export function planRound(seed: number, round: number, scene: Scene): RoundPlan {
  const random = createRandom(seed + Math.imul(round, 0x9e3779b1))
  const writingMs = random.between(...WRITING_MS)
  const faults: RoundPlan['faults'] = []
  for (let i = random.between(1, 3); i > 0; i--) {
    const last = faults.at(-1)
    const atMs =
      last && random.chance(AT_ONCE_SHARE) ? last.atMs : random.between(FIRST_FAULT_MS, writingMs)
    const { kind, fault } = drawFault(random, scene)
    faults.push({ atMs, kind: kind.name, fault })
  }
  return { round, writingMs, faults: faults.sort((a, b) => a.atMs - b.atMs) }
}

/** The plan in words. */
export function describePlan({ round, writingMs, faults }: RoundPlan): string {
  const lines = faults.map(({ atMs, fault }) => `  at ${atMs} ms ${fault.label}`)
  return [`round ${round}, drawing for ${writingMs} ms:`, ...lines].join('\n')
}

/** Clients draw, things break and are repaired: then everything has to recover within a bounded time. */
export async function runRound(plan: RoundPlan, { world, boards }: Scene): Promise<RoundResult> {
  const startedAt = performance.now()
  const until = (atMs: number) => delay(Math.max(0, startedAt + atMs - performance.now()))
  for (const board of boards) board.startWriting()
  const audit = auditWhile(boards)
  for (const { atMs, fault } of plan.faults) {
    await until(atMs)
    fault.start()
  }
  await until(plan.writingMs)
  for (const board of boards) board.stopWriting()

  const problems = await audit.end()
  const brokenUntil = performance.now()
  try {
    await world.heal()
    const checks = boards.map((board) => checkHealed(board))
    problems.push(...describeAll(await Promise.all(checks)))
  } catch (error) {
    problems.push((error as Error).message)
  }
  return {
    plan,
    healMs: performance.now() - brokenUntil,
    problems: [
      ...problems,
      ...boards.flatMap((board) => board.takeFaults()),
      ...world.takeFaults(),
    ],
  }
}

/**
 * Reads PostgreSQL repeatedly while things break: what is acknowledged as saved has to be there at that
 * moment, before any client can send it again.
 */
function auditWhile(boards: readonly Board[]): { end(): Promise<string[]> } {
  let isOver = false
  const run = async () => {
    for (;;) {
      const isLast = isOver
      const problems = describeAll(await Promise.all(boards.map(auditStored)))
      if (isLast || problems.length > 0) return problems
      await delay(AUDIT_EVERY_MS)
    }
  }
  const running = run()
  return {
    end() {
      isOver = true
      return running
    },
  }
}

function describeAll(problems: string[][]): string[] {
  return problems.flatMap((ofBoard, i) => ofBoard.map((problem) => `board ${i}: ${problem}`))
}
