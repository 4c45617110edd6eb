import { readFileSync } from 'node:fs'

/** What Linux counts processor time in: USER_HZ is 100 on every platform that Node supports. */
const MS_PER_TICK = 10

/** What Linux counts memory in, bytes. */
const PAGE_BYTES = 4_096

/** What a process has used. */
export interface Usage {
  cpuMs: number
  rssBytes: number
}

/**
 * Reads what a process has used; undefined where it has ended, or on another system than Linux.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
export function readUsage(pid: number | undefined): Usage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in parentheses may hold anything: the fields after it count.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const [user = 0, system = 0, pages = 0] = [fields[11], fields[12], fields[21]]
    return { cpuMs: (user + system) * MS_PER_TICK, rssBytes: pages * PAGE_BYTES }
  } catch {
    return undefined
  }
}
