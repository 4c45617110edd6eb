import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Stops the postmaster of a data directory, so that no process of its PostgreSQL starts.
 * @returns it and all others
 */
export async function haltPostmaster(directory: string): Promise<number[]> {
  const file = await readFile(join(directory, 'postmaster.pid'), 'utf8')
  const postmaster = Number.parseInt(file, 10)
  signalIfAlive(postmaster, 'SIGSTOP')
  return [postmaster, ...(await childrenOf(postmaster))]
}

/** Each backend has a session of its own, so that no signal to a group reaches them all. */
async function childrenOf(pid: number): Promise<number[]> {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return list.split(' ').filter(Boolean).map(Number)
}

export function signalIfAlive(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    return false
  }
}
