import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const CGROUPS = '/sys/fs/cgroup'

/** What a container may use, and uses as the kernel counts it before it kills, bytes. */
export interface LimitedMemory {
  limit: number
  /** Of all processes, without cached files that are given up first. */
  used: number
}

/**
 * Reads the memory limit of the control group that this process is in: a container's, or a unit's of systemd.
 *
 * @returns undefined where there is none, or no cgroup v2
 */
export function readLimitedMemory(
  root = CGROUPS,
  own = '/proc/self/cgroup',
): LimitedMemory | undefined {
  try {
    const [, path = '/'] = /^0::(.*)$/m.exec(readFileSync(own, 'utf8')) ?? []
    const read = (file: string) => readFileSync(join(root, path, file), 'utf8')
    // `max` where there is no limit.
    const limit = Number(read('memory.max'))
    const [, inactiveFile] = /^inactive_file (\d+)$/m.exec(read('memory.stat')) ?? []
    const used = Number(read('memory.current')) - Number(inactiveFile)
    return Number.isFinite(limit) && Number.isFinite(used) ? { limit, used } : undefined
  } catch {
    return undefined
  }
}
