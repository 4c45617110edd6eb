import { readFileSync } from 'node:fs'

/**
 * A name for the running process `pid` that no other process bears: its id and, on Linux, when it
 * started and in which boot, so that a reused id is not mistaken for it. Undefined where no such
 * process runs; a zombie has ended.
 */
export function processIdentity(pid: number): string | undefined {
  if (process.platform !== 'linux') return isAlive(pid) ? String(pid) : undefined
  const stat = readProc(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // The command's name, in brackets, may hold anything: the fields are counted from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state] = fields
  const startTicks = fields[19]
  if (state === 'Z' || state === 'X') return undefined
  const boot = readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
  return `${pid}-${startTicks}-${boot}`
}

/** The process id that an identity begins with. */
export function identityPid(identity: string): number {
  return Number.parseInt(identity, 10)
}

/** Whether a process with this id exists, of any user. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // The process ended between two reads, or never was.
    return undefined
  }
}
