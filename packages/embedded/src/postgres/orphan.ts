import { execFile } from 'node:child_process'
import { readFile, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { StartupError } from '@mindfuse/service-kit'
import { isAlive } from '../process-identity.ts'
import type { Binaries } from './binaries.ts'
import { signalServer } from './server-signal.ts'

const FAST_DEADLINE_MS = 10_000
const IMMEDIATE_DEADLINE_MS = 5_000
const POLL_MS = 20

/**
 * Stops the server that a killed process left running on this data directory. The caller holds the
 * lock on it, so nobody else's can be.
 *
 * @throws StartupError where it does not end.
 */
export async function stopOrphan(
  binaries: Binaries,
  directory: string,
  log: (line: string) => void,
): Promise<void> {
  const pidFile = join(directory, 'postmaster.pid')
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10)
  if (!Number.isInteger(pid) || !isAlive(pid)) return
  if (!(await serves(pid, directory))) {
    // The id was given to another process since, and PostgreSQL would take that for its own.
    await rm(pidFile, { force: true })
    return
  }
  log(`stopping the PostgreSQL (process ${pid}) that an earlier run left behind`)
  signalServer(binaries, pid, 'INT')
  if (await endsWithin(pid, directory, FAST_DEADLINE_MS)) return
  signalServer(binaries, pid, 'QUIT')
  if (await endsWithin(pid, directory, IMMEDIATE_DEADLINE_MS)) return
  throw new StartupError(
    `PostgreSQL (process ${pid}), left behind by an earlier run, does not exit: stop it`,
  )
}

async function endsWithin(pid: number, directory: string, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs
  while (await serves(pid, directory)) {
    if (performance.now() > deadline) return false
    await delay(POLL_MS)
  }
  return true
}

/**
 * Whether this process is a server on that data directory, by its arguments. Its working directory is the same,
 * but in containers reading that takes a capability that even root lacks.
 */
async function serves(pid: number, directory: string): Promise<boolean> {
  try {
    if (process.platform === 'linux') {
      const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
      const own = args[args.indexOf('-D') + 1] ?? ''
      return (await realpath(own)) === (await realpath(directory))
    }
    if (process.platform === 'win32') return isAlive(pid)
    const { stdout } = await promisify(execFile)('ps', ['-p', String(pid), '-o', 'command='])
    return stdout.includes(directory)
  } catch {
    // It has ended, or belongs to another user.
    return false
  }
}
