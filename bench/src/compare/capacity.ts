import { format } from './scenario.ts'

/** A core is planned to be busy for this share of the time: the rest is for peaks and restarts. */
const PLANNED_SHARE = 0.7

/** The plan: how many are connected, and what they do. Assumptions, not measurements. */
const CONNECTIONS = 1_000_000
const PEOPLE_A_BOARD = 5
/** Share of the connected who do something at a moment, and what each of these does. */
const ACTIVE_SHARE = 0.1
const CURSORS_PER_SECOND = 2.5
const EDITS_PER_SECOND = 0.2
/** Memory of a gateway's machine that connections may take, bytes. */
const GATEWAY_BYTES = 4 * 1024 ** 3

/** What it is worked out from: figures of scenarios by `<scenario>.<figure>`. */
const NEEDED = {
  busyCursorUs: 'busy-cursors.cpuUs',
  cursorUs: 'boards-cursors.cpuUs',
  editUs: 'boards-edits.cpuUs',
  kibibytes: 'idle.kibibytes',
  connectUs: 'idle.connectCpuUs',
  apiUs: 'costs.api',
  postgresUs: 'costs.postgres',
  redisEditUs: 'costs.redisEdit',
  redisCursorUs: 'costs.redisCursor',
} as const

/**
 * What a core and a gigabyte carry, and what a million connections would take: arithmetic on the
 * figures of one run.
 *
 * @returns Markdown, or undefined where the run lacks a figure
 */
export function renderCapacity(figures: ReadonlyMap<string, number>): string | undefined {
  const found = Object.entries(NEEDED).map(([key, name]) => [key, figures.get(name)] as const)
  if (found.some(([, value]) => value === undefined || !Number.isFinite(value))) return undefined
  const of = Object.fromEntries(found) as Record<keyof typeof NEEDED, number>
  return [...renderUnits(of), '', ...renderMillion(of), ''].join('\n')
}

function renderUnits(of: Record<keyof typeof NEEDED, number>): string[] {
  const perCore = (us: number) => (PLANNED_SHARE * 1e6) / us
  const row = (what: string, us: number) => `| ${what} | ${format(us)} µs | ${count(perCore(us))} |`
  return [
    `| what | costs | a gateway’s core at ${PLANNED_SHARE * 100} % does a second |`,
    '|---|--:|--:|',
    row('a cursor seen by one reader, busy board', of.busyCursorUs),
    row('a cursor seen by one reader, boards of 10', of.cursorUs),
    row('an edit seen by one reader, boards of 10', of.editUs),
    row('a connect: token, permission, presence', of.connectUs),
    row(
      'a board of 10, each 2.5 cursors and 0.2 edits a second',
      90 * (2.5 * of.cursorUs + 0.2 * of.editUs),
    ),
    '',
    `A connection takes ${format(of.kibibytes)} KiB: ${count(1024 ** 2 / of.kibibytes)} in a GiB.`,
  ]
}

function renderMillion(of: Record<keyof typeof NEEDED, number>): string[] {
  const active = CONNECTIONS * ACTIVE_SHARE
  const cursors = active * CURSORS_PER_SECOND
  const edits = active * EDITS_PER_SECOND
  const readers = PEOPLE_A_BOARD - 1
  const cores = (us: number) => us / 1e6 / PLANNED_SHARE
  const cursorCores = cores(cursors * readers * of.cursorUs)
  const editCores = cores(edits * readers * of.editUs)
  const bytes = CONNECTIONS * of.kibibytes * 1_024
  const redisCores = cores(cursors * of.redisCursorUs + edits * of.redisEditUs)
  return [
    '| a million connections | arithmetic | takes |',
    '|---|---|--:|',
    `| cursors | ${count(active)} active × ${CURSORS_PER_SECOND} = ${count(cursors)} a second, × ${readers} readers × ${format(of.cursorUs)} µs | ${format(cursorCores)} cores of gateways |`,
    `| edits | ${count(active)} × ${EDITS_PER_SECOND} = ${count(edits)} a second, × ${readers} × ${format(of.editUs)} µs | ${format(editCores)} cores of gateways |`,
    `| memory | ${count(CONNECTIONS)} × ${format(of.kibibytes)} KiB | ${format(bytes / 1024 ** 3)} GiB: ${count(Math.ceil(bytes / GATEWAY_BYTES))} gateways of ${GATEWAY_BYTES / 1024 ** 3} GiB |`,
    `| all come back within 60 s | ${count(CONNECTIONS / 60)} a second × ${format(of.connectUs)} µs | ${format(cores((CONNECTIONS / 60) * of.connectUs))} cores of gateways |`,
    `| API | ${count(edits)} edits a second × ${format(of.apiUs)} µs | ${format(cores(edits * of.apiUs))} cores |`,
    `| PostgreSQL | ${count(edits)} × ${format(of.postgresUs)} µs | ${format(cores(edits * of.postgresUs))} cores |`,
    `| Dragonfly | ${count(cursors)} cursors × ${format(of.redisCursorUs)} µs + ${count(edits)} edits × ${format(of.redisEditUs)} µs | ${format(redisCores)} cores |`,
  ]
}

const count = (value: number) => Math.round(value).toLocaleString('en-US')
