import { readdirSync, readFileSync } from 'node:fs'

/** `USER_HZ`, in which Linux counts CPU time for everybody to read: the same on every machine. */
const TICKS_PER_SECOND = 100

/** CPU time of all threads that a process has and had, milliseconds. */
export function cpuMs(pid: number): number {
  const { utime, stime } = readStat(pid)
  return ((utime + stime) * 1_000) / TICKS_PER_SECOND
}

/** A process and all whose parent it is. */
export function withChildren(pid: number): number[] {
  const others = readdirSync('/proc').map(Number).filter(Boolean)
  return [pid, ...others.filter((other) => parentOf(other) === pid)]
}

/** The process that started another; 0 where that one is gone. */
export function parentOf(pid: number): number {
  try {
    return readStat(pid).parent
  } catch {
    // It ended since it was listed.
    return 0
  }
}

function readStat(pid: number): { parent: number; utime: number; stime: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  // The second field is a name that may hold spaces; these are the 4th, the 14th and the 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { parent: Number(fields[1]), utime: Number(fields[11]), stime: Number(fields[12]) }
}

/** Resident memory of a process, bytes. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
}

/**
 * How long a process's main thread was ready to run while something else had its core, milliseconds:
 * what others on the machine cost it.
 */
export function waitedMs(pid: number): number {
  const [, waitedNs] = readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')
  return Number(waitedNs) / 1e6
}
