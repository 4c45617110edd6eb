import { readdirSync, readFileSync } from 'node:fs'

/** `USER_HZ`, in which Linux reports CPU time: the same on every machine. */
const TICKS_PER_SECOND = 100

/** CPU time of all threads that a process has and had, milliseconds. */
export function cpuMs(pid: number): number {
  return readStat(pid).own
}

/** The same together with its children, those that are and those that were. */
export function cpuMsWithChildren(pid: number): number {
  const { own, goneChildren } = readStat(pid)
  const others = readdirSync('/proc').map(Number).filter(Boolean)
  const children = others.map(readStatIfAny).filter((stat) => stat?.parent === pid)
  return children.reduce((sum, child) => sum + (child?.own ?? 0), own + goneChildren)
}

/** The process that started another. */
export const parentOf = (pid: number): number => readStat(pid).parent

interface ProcessStat {
  parent: number
  /** CPU time, milliseconds. */
  own: number
  goneChildren: number
}

function readStat(pid: number): ProcessStat {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  // The second field is a name that may hold spaces. Those read here are the 4th and the 14th to 17th.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15)
  return {
    parent: fields[1] ?? 0,
    own: ((utime + stime) * 1_000) / TICKS_PER_SECOND,
    goneChildren: ((cutime + cstime) * 1_000) / TICKS_PER_SECOND,
  }
}

function readStatIfAny(pid: number): ProcessStat | undefined {
  try {
    return readStat(pid)
  } catch {
    // It ended since it was listed.
    return undefined
  }
}

/** Resident memory of a process, bytes. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
}

/** The processes that a process started and that still run, and theirs in turn. */
export function descendantsOf(pid: number): number[] {
  const children = readdirSync('/proc')
    .map(Number)
    .filter((other) => other && readStatIfAny(other)?.parent === pid)
  return children.flatMap((child) => [child, ...descendantsOf(child)])
}

/**
 * How long a process's main thread was ready to run while something else had its core, milliseconds:
 * what others on the machine cost it.
 */
export function waitedMs(pid: number): number {
  const [, waitedNs] = readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')
  return Number(waitedNs) / 1e6
}
