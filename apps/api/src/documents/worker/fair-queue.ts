/** Most jobs of one person that wait while others of theirs run. */
export const MAX_WAITING_PER_PERSON = 8

/** What counts when it is decided whose turn it is. */
export interface Share {
  /** Jobs of the person that are running. */
  running: number
  /** How long the person has had workers lately, milliseconds. */
  usedMs: number
}

/**
 * Jobs in turns between people: however many one has queued, the next job is of who has the fewest
 * running, among those of who has used the least lately, and among those of who was served the
 * longest ago.
 */
export class FairQueue<Job> {
  /** By person, in the order in which they were served. */
  readonly #waiting = new Map<string, Job[]>()

  /** Jobs that wait. */
  get size(): number {
    let size = 0
    for (const jobs of this.#waiting.values()) size += jobs.length
    return size
  }

  /** Jobs of one person that wait. */
  sizeOf(person: string): number {
    return this.#waiting.get(person)?.length ?? 0
  }

  push(person: string, job: Job): void {
    const jobs = this.#waiting.get(person)
    if (jobs) jobs.push(job)
    else this.#waiting.set(person, [job])
  }

  /**
   * Takes the next job of someone who has fewer than `limit` running.
   */
  next(limit: number, shareOf: (person: string) => Share): Job | undefined {
    let chosen: string | undefined
    let least: Share = { running: limit, usedMs: 0 }
    for (const person of this.#waiting.keys()) {
      const share = shareOf(person)
      if (!isLess(share, least)) continue
      least = share
      chosen = person
    }
    if (chosen === undefined) return undefined
    const jobs = this.#waiting.get(chosen) ?? []
    const job = jobs.shift()
    // To the end of the turn, whatever they have left.
    this.#waiting.delete(chosen)
    if (jobs.length > 0) this.#waiting.set(chosen, jobs)
    return job
  }

  /** Takes a job out. @returns whether it waited */
  remove(person: string, job: Job): boolean {
    const jobs = this.#waiting.get(person)
    const place = jobs?.indexOf(job) ?? -1
    if (!jobs || place === -1) return false
    jobs.splice(place, 1)
    if (jobs.length === 0) this.#waiting.delete(person)
    return true
  }

  /** Takes all jobs out. */
  drain(): Job[] {
    const jobs = [...this.#waiting.values()].flat()
    this.#waiting.clear()
    return jobs
  }
}

const isLess = (a: Share, b: Share) =>
  a.running < b.running || (a.running === b.running && a.usedMs < b.usedMs)
