import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The part that is read of what `node --cpu-prof` writes. */
interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string } }[]
  /** By the monotonic clock that all processes of the machine share, microseconds. */
  startTime: number
  samples: number[]
  /** Before each sample, microseconds. */
  timeDeltas: number[]
}

/** Now, as profiles have it. */
export const monotonicUs = (): number => Number(process.hrtime.bigint() / 1_000n)

/** What V8 says where nothing ran. */
const IDLE = '(idle)'

/**
 * Where a process was busy: by function, the share of the time in which it did anything at all.
 *
 * @param directory holds the profile of one process
 * @param window between which times, microseconds as `monotonicUs` has them
 */
export async function readBusyShares(
  directory: string,
  window: { fromUs: number; toUs: number },
): Promise<Map<string, number>> {
  const [file] = (await readdir(directory)).filter((name) => name.endsWith('.cpuprofile'))
  if (!file) throw new Error(`no profile was written to ${directory}`)
  const profile: CpuProfile = JSON.parse(await readFile(join(directory, file), 'utf8'))
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const spent = new Map<string, number>()
  let busy = 0
  let atUs = profile.startTime
  profile.samples.forEach((id, i) => {
    atUs += profile.timeDeltas[i] ?? 0
    const name = names.get(id) ?? IDLE
    if (name === IDLE || atUs < window.fromUs || atUs > window.toUs) return
    // A sample stands for the time until the next.
    const us = profile.timeDeltas[i + 1] ?? 0
    spent.set(name, (spent.get(name) ?? 0) + us)
    busy += us
  })
  if (busy === 0) throw new Error('the profile has no sample of that time')
  return new Map([...spent].map(([name, us]) => [name, us / busy]))
}

function nameOf({ functionName, url }: { functionName: string; url: string }): string {
  const name = functionName || '(anonymous)'
  const [, file] = /\/((?:apps|packages|node_modules)\/(?!.*\/node_modules\/).*)$/.exec(url) ?? []
  const place = file ?? url
  return place ? `\`${name}\` ${place}` : name
}
