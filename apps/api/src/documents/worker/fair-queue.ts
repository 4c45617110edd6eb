/** Most jobs of one person that wait while others of theirs run. */
export const MAX_WAITING_PER_PERSON = 8

/**
 * Jobs in turns between people: however many one has queued, the next job is of who has the fewest
 * running, and among those of who was served the longest ago.
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
   * @param runningOf how many jobs of a person are running
   */
  next(limit: number, runningOf: (person: string) => number): Job | undefined {
    let chosen: string | undefined
    let fewest = limit
    for (const person of this.#waiting.keys()) {
      const running = runningOf(person)
      if (running >= fewest) continue
      fewest = running
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
