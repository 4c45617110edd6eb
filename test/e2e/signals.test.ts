import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import { PRINTED_WITHIN_MS } from '../support/process.ts'
import { test as base } from '../support/process-fixtures.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** What starts a service, and what it prints once it serves. */
const LAUNCHERS = {
  'npm start': { command: ['npm', 'start'], ready: /ready/ },
  'npm run start:identity': { command: ['npm', 'run', 'start:identity'], ready: /signs in/ },
  node: { command: ['node', 'apps/standalone/dist/main.js'], ready: /ready/ },
  // The kernel sends SIGHUP to what runs in the terminal when `script`, which holds it, is gone.
  'npm start in a terminal': {
    command: ['script', '--quiet', '--command', 'npm start', '/dev/null'],
    ready: /ready/,
  },
} as const

interface Row {
  pid: number
  parent: number
  isZombie: boolean
}

function processTable(): Row[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,stat='], { encoding: 'utf8' })
  return [...lines.matchAll(/(\d+)\s+(\d+)\s+(\S+)/g)].map(([, pid, parent, stat]) => ({
    pid: Number(pid),
    parent: Number(parent),
    isZombie: stat?.startsWith('Z') ?? false,
  }))
}

/** A process and all that it started, directly or not. */
function familyOf(pid: number): number[] {
  const table = processTable()
  const family = [pid]
  for (const id of family) {
    family.push(...table.filter(({ parent }) => parent === id).map((row) => row.pid))
  }
  return family
}

function living(pids: readonly number[]): number[] {
  const alive = processTable().filter(({ pid, isZombie }) => pids.includes(pid) && !isZombie)
  return alive.map(({ pid }) => pid)
}

const test = base.extend('launch', ({ dataDir }, { onCleanup }) => {
  /** Of a test that failed. */
  let running: ChildProcess | undefined
  onCleanup(() => {
    if (running?.exitCode !== null || running.signalCode !== null) return
    for (const pid of familyOf(running.pid ?? 0)) process.kill(pid, 'SIGKILL')
  })
  return (launcher: keyof typeof LAUNCHERS): { child: ChildProcess; output: () => string } => {
    const [program = '', ...args] = LAUNCHERS[launcher].command
    const child = spawn(program, args, {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        API_PORT: '0',
        REALTIME_PORT: '0',
        IDENTITY_PORT: '0',
        LOG_LEVEL: 'info',
        DATA_DIR: dataDir,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running = child
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => (output += chunk))
    return { child, output: () => output }
  }
})

test.for([
  ['npm start', 'SIGTERM'],
  ['npm start', 'SIGHUP'],
  ['npm start', 'SIGKILL'],
  ['npm run start:identity', 'SIGKILL'],
  ['node', 'SIGHUP'],
  ['npm start in a terminal', 'SIGKILL'],
] as const)('%s, after %s, leaves no process behind', async ([launcher, signal], { launch }) => {
  const { child, output } = launch(launcher)
  await eventually(
    'it serves',
    () => LAUNCHERS[launcher].ready.test(output()) || child.exitCode !== null,
    PRINTED_WITHIN_MS,
  )
  const family = familyOf(child.pid ?? 0)
  expect(family.length, output()).toBeGreaterThan(launcher === 'npm run start:identity' ? 1 : 2)
  child.kill(signal)
  await eventually('everything it started ends', () => living(family).length === 0)
})
