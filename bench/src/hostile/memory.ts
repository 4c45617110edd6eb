import { descendantsOf, residentBytes } from '../process-stats.ts'

const SAMPLE_INTERVAL_MS = 50

/** A peak of resident memory, bytes. */
export interface Peak {
  /** Of the process itself. */
  own: number
  /** Of all that it started, added up. */
  children: number
}

/** Samples the memory of processes, by name, and keeps the peaks. */
export class MemoryWatch<Name extends string> {
  readonly #pids: Record<Name, number>
  readonly #peaks = new Map<Name, Peak>()
  readonly #timer = setInterval(() => this.#sample(), SAMPLE_INTERVAL_MS)

  constructor(pids: Record<Name, number>) {
    this.#pids = pids
  }

  /** The peak since it was last taken. */
  take(name: Name): Peak {
    this.#sample()
    const peak = this.#peaks.get(name) ?? { own: 0, children: 0 }
    this.#peaks.delete(name)
    return peak
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #sample(): void {
    for (const [name, pid] of Object.entries(this.#pids) as [Name, number][]) {
      const { own, children } = this.#peaks.get(name) ?? { own: 0, children: 0 }
      this.#peaks.set(name, {
        own: Math.max(own, bytesOf(pid)),
        children: Math.max(
          children,
          descendantsOf(pid).reduce((sum, child) => sum + bytesOf(child), 0),
        ),
      })
    }
  }
}

/** None for a process that has ended. */
function bytesOf(pid: number): number {
  try {
    return residentBytes(pid)
  } catch {
    return 0
  }
}
