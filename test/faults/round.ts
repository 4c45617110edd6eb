import { setTimeout as delay } from 'node:timers/promises'
import { type AccessResult, judgeAccess } from './access.ts'
import type { Board } from './board.ts'
import { auditStored, checkHealed, HEAL_WITHIN_MS } from './checks.ts'
import { drawFault, type Fault, type Scene } from './faults.ts'
import { type Guest, LOSSES, type Loss } from './guest.ts'
import { createRandom } from './random.ts'

/** How long people draw in a round, milliseconds. */
const WRITING_MS = [350, 800] as const

/** The same in a round that is long enough for timeouts and for the bounds of lost access. */
const LONG_WRITING_MS = [4_000, 8_000] as const
const LONG_SHARE = Number(process.env.FAULT_LONG_SHARE ?? 0.08)

/** The first fault waits until something is on its way, milliseconds. */
const FIRST_FAULT_MS = 60

/** Everything has begun by then in a long round, milliseconds. */
const LAST_FAULT_MS = 1_500

/** How often two faults come at the same moment. */
const AT_ONCE_SHARE = 0.3

/** How often PostgreSQL is read meanwhile, milliseconds. */
const AUDIT_EVERY_MS = 60

/** What happens in a round, and when. The same seed and number draw the same. */
export interface RoundPlan {
  round: number
  writingMs: number
  /** Who loses access how, and when that is asked for. */
  access: { board: number; loss: Loss; atMs: number }
  faults: { atMs: number; kind: string; fault: Fault }[]
}

/** The result of a round. */
export interface RoundResult {
  plan: RoundPlan
  /** From the last repair to full recovery, milliseconds. */
  healMs: number
  access?: AccessResult | undefined
  /** Violations. */
  problems: string[]
}

/** Draws a round's one to three faults and their moments. */
export function planRound(seed: number, round: number, scene: Scene): RoundPlan {
  const random = createRandom(seed + Math.imul(round, 0x9e3779b1))
  const [shortestMs, longestMs] = random.chance(LONG_SHARE) ? LONG_WRITING_MS : WRITING_MS
  const writingMs = random.between(shortestMs, longestMs)
  const lastMs = Math.min(writingMs, LAST_FAULT_MS)
  const access = {
    board: random.between(0, scene.boards.length - 1),
    loss: random.pick(LOSSES),
    atMs: random.between(FIRST_FAULT_MS, lastMs),
  }
  const faults: RoundPlan['faults'] = []
  for (let i = random.between(1, 3); i > 0; i--) {
    const last = faults.at(-1)
    const atMs =
      last && random.chance(AT_ONCE_SHARE) ? last.atMs : random.between(FIRST_FAULT_MS, lastMs)
    const { kind, fault } = drawFault(random, scene)
    faults.push({ atMs, kind: kind.name, fault })
  }
  return { round, writingMs, access, faults: faults.sort((a, b) => a.atMs - b.atMs) }
}

/** The plan in words. */
export function describePlan({ round, writingMs, access, faults }: RoundPlan): string {
  const lines = faults.map(({ atMs, fault }) => `  at ${atMs} ms ${fault.label}`)
  const loss = `  at ${access.atMs} ms a guest of board ${access.board} is ${access.loss}`
  return [`round ${round}, drawing for ${writingMs} ms:`, ...lines, loss].join('\n')
}

/** Clients draw, things break and are repaired: then everything has to recover within a bounded time. */
export async function runRound(plan: RoundPlan, { world, boards }: Scene): Promise<RoundResult> {
  const guest = await boards[plan.access.board]?.inviteGuest()
  const startedAt = performance.now()
  const until = (atMs: number) => delay(Math.max(0, startedAt + atMs - performance.now()))
  for (const board of boards) board.startWriting()
  const audit = auditWhile(boards)
  const losing = until(plan.access.atMs).then(() => guest?.lose(plan.access.loss))
  for (const { atMs, fault } of plan.faults) {
    await until(atMs)
    fault.start()
  }
  await until(plan.writingMs)
  for (const board of boards) board.stopWriting()

  const problems: string[] = []
  const brokenUntil = performance.now()
  try {
    problems.push(...(await audit.end()))
  } catch (error) {
    problems.push((error as Error).message)
  }
  try {
    await world.heal()
    setTimeout(() => guest?.giveUp(), HEAL_WITHIN_MS).unref()
    await losing
    const checks = boards.map((board) => checkHealed(board))
    problems.push(...describeAll(await Promise.all(checks)))
  } catch (error) {
    problems.push((error as Error).message)
  }
  const healMs = performance.now() - brokenUntil
  const { access, problems: ofAccess } = await checkAccess(plan, guest)
  boards[plan.access.board]?.dismissGuest()
  return {
    plan,
    healMs,
    access,
    problems: [
      ...problems,
      ...ofAccess,
      ...boards.flatMap((board) => board.takeFaults()),
      ...world.takeFaults(),
    ],
  }
}

/** What is wrong with how the guest lost access. */
async function checkAccess(
  plan: RoundPlan,
  guest: Guest | undefined,
): Promise<{ access?: AccessResult; problems: string[] }> {
  if (!guest?.isLost) {
    return { problems: [`the loss of access was never confirmed, but answered ${guest?.refusal}`] }
  }
  const faults = plan.faults.map(({ fault }) => fault)
  const access = judgeAccess(plan.access.loss, await guest.exposure(), faults)
  const problems = [...(await guest.checkGone()), ...access.problems]
  if (problems.length > 0) problems.push(await guest.story())
  return { access, problems }
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
