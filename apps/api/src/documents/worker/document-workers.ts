import { availableParallelism, totalmem } from 'node:os'
import type { Logger } from '@mindfuse/service-kit'
import {
  JobCancelledError,
  TooManyJobsError,
  UnbuildableError,
  WorkerEndedError,
  WorkersBusyError,
} from './errors.ts'
import { FairQueue, MAX_WAITING_PER_PERSON } from './fair-queue.ts'
import { RecentUse } from './recent-use.ts'
import { MAX_WORKER_RSS_BYTES, type RemoteOperations, WorkerProcess } from './worker-process.ts'

/** Longest that a job may take, its reads from PostgreSQL included, milliseconds. */
const JOB_TIME_LIMIT_MS = 30_000

/**
 * Of the time limit, the share that a worker must have computed for its document to be at fault:
 * with less, the machine or the database was slow, and the job can be tried again.
 */
const COMPUTED_SHARE = 1 / 3

/** Most jobs of all people that wait. */
const MAX_WAITING_JOBS = 256

/** How often a job is run whose worker ends for no reason that is known. */
const MAX_RUNS = 2

/** How long an idle worker is kept, milliseconds. */
const IDLE_MS = 60_000

/** Most workers by default; one person never has all of them. */
const MIN_WORKERS = 2
const MAX_WORKERS = 4

/** Memory left for the rest of the process and its neighbours, bytes. */
const RESERVED_BYTES = 1_024 * 1024 * 1024

/** Work that nobody waits for, like merges: it takes its turns like a person. */
export const BACKGROUND = 'background'

/** Who a job is for. */
export interface JobOwner {
  /** A user id, or {@link BACKGROUND}. */
  person: string
  /** Aborted when nobody waits for the result any more. */
  signal?: AbortSignal | undefined
}

interface Job {
  person: string
  run(worker: WorkerProcess): Promise<void>
  fail(error: Error): void
}

/** As many workers as cores and memory allow. */
export function defaultWorkers(): number {
  const memory = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)
  const fitting = Math.floor((memory - RESERVED_BYTES) / MAX_WORKER_RSS_BYTES)
  return Math.max(MIN_WORKERS, Math.min(MAX_WORKERS, availableParallelism(), fitting))
}

/**
 * Processes that run jobs, several at a time, in turns between people. Whatever a document does to
 * Yjs ends a worker at most: a job beyond its limits is ended with its process, and the next one
 * gets a new process.
 */
export class DocumentWorkers {
  readonly #log: Logger
  readonly #timeLimitMs: number
  readonly #count: number
  readonly #queue = new FairQueue<Job>()
  readonly #running = new Map<string, number>()
  readonly #recentUse = new RecentUse()
  readonly #idle: { worker: WorkerProcess; timer: NodeJS.Timeout }[] = []
  readonly #busy = new Map<WorkerProcess, Promise<void>>()
  #isClosed = false

  constructor(deps: { log: Logger; count?: number | undefined; timeLimitMs?: number }) {
    this.#log = deps.log
    this.#count = deps.count ?? defaultWorkers()
    this.#timeLimitMs = deps.timeLimitMs ?? JOB_TIME_LIMIT_MS
  }

  /** Jobs that are running or queued. */
  get jobs(): number {
    return this.#queue.size + this.#busy.size
  }

  /** Processes that there are. */
  get workers(): number {
    return this.#busy.size + this.#idle.length
  }

  /**
   * Runs a job that has a worker to itself, on documents that are empty at first. A job whose worker
   * ends for no reason that is known is run again, so it must not have lasting effects before its end.
   *
   * @throws WorkersBusyError, TooManyJobsError, UnbuildableError, JobCancelledError, and whatever the
   * job throws
   */
  async run<Result>(
    job: (operations: RemoteOperations) => Promise<Result>,
    owner: JobOwner,
  ): Promise<Result> {
    for (let runs = 1; ; runs++) {
      try {
        return await this.#enqueue(job, owner)
      } catch (error) {
        if (!(error instanceof WorkerEndedError)) throw error
        this.#log.warn({ err: error, runs }, 'a document worker ended unexpectedly')
        if (runs >= MAX_RUNS) throw new WorkersBusyError()
      }
    }
  }

  /** Ends all workers; running jobs and queued ones fail. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const job of this.#queue.drain()) job.fail(new WorkersBusyError())
    const workers = [...this.#idle.splice(0), ...[...this.#busy].map(([worker]) => ({ worker }))]
    const jobs = [...this.#busy.values()]
    await Promise.all(workers.map(({ worker }) => worker.stop()))
    await Promise.all(jobs)
  }

  #enqueue<Result>(
    perform: (operations: RemoteOperations) => Promise<Result>,
    { person, signal }: JobOwner,
  ): Promise<Result> {
    if (signal?.aborted) return Promise.reject(new JobCancelledError())
    if (this.#isClosed || this.#queue.size >= MAX_WAITING_JOBS) {
      return Promise.reject(new WorkersBusyError())
    }
    if (person !== BACKGROUND && this.#queue.sizeOf(person) >= MAX_WAITING_PER_PERSON) {
      return Promise.reject(new TooManyJobsError())
    }
    let cancel = (): void => undefined
    const done = new Promise<Result>((resolve, reject) => {
      const job: Job = {
        person,
        fail: reject,
        run: (worker) => this.#limit(worker, perform, signal).then(resolve, reject),
      }
      cancel = () => {
        if (this.#queue.remove(person, job)) reject(new JobCancelledError())
      }
      signal?.addEventListener('abort', cancel)
      this.#queue.push(person, job)
      this.#startJobs()
    })
    // One signal may be that of many jobs.
    return done.finally(() => signal?.removeEventListener('abort', cancel))
  }

  #startJobs(): void {
    // One worker is left for others: a job cannot be put aside once it runs.
    const share = Math.max(1, this.#count - 1)
    while (this.#busy.size < this.#count) {
      const job = this.#queue.next(share, (person) => ({
        running: this.#running.get(person) ?? 0,
        usedMs: this.#recentUse.of(person),
      }))
      if (!job) return
      const worker = this.#takeIdle() ?? new WorkerProcess()
      this.#running.set(job.person, (this.#running.get(job.person) ?? 0) + 1)
      this.#busy.set(worker, this.#perform(worker, job))
    }
  }

  async #perform(worker: WorkerProcess, job: Job): Promise<void> {
    const startedAt = performance.now()
    await job.run(worker)
    await worker.clear().catch(() => undefined)
    this.#recentUse.add(job.person, performance.now() - startedAt)
    const left = (this.#running.get(job.person) ?? 1) - 1
    if (left > 0) this.#running.set(job.person, left)
    else this.#running.delete(job.person)
    this.#busy.delete(worker)
    if (worker.isAlive) this.#keepIdle(worker)
    if (!this.#isClosed) this.#startJobs()
  }

  /** Runs a job on a worker that is ended where the job takes too long, or nobody waits for it. */
  async #limit<Result>(
    worker: WorkerProcess,
    perform: (operations: RemoteOperations) => Promise<Result>,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    const cpuBefore = worker.usage?.cpuMs ?? 0
    let end = (error: Error) => worker.kill(error)
    const ended = new Promise<never>((_, reject) => {
      end = (error) => {
        // First of all: what is between two calls of the worker would go on.
        reject(error)
        worker.kill(error)
      }
    })
    const timer = setTimeout(() => {
      const computedMs = (worker.usage?.cpuMs ?? Number.POSITIVE_INFINITY) - cpuBefore
      const isAtFault = computedMs >= this.#timeLimitMs * COMPUTED_SHARE
      this.#log.warn({ limitMs: this.#timeLimitMs, computedMs }, 'a document took too long')
      end(isAtFault ? new UnbuildableError('too_costly') : new WorkersBusyError())
    }, this.#timeLimitMs)
    const cancel = () => end(new JobCancelledError())
    signal?.addEventListener('abort', cancel)
    try {
      if (signal?.aborted) throw new JobCancelledError()
      return await Promise.race([perform(worker.operations), ended])
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', cancel)
    }
  }

  #takeIdle(): WorkerProcess | undefined {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      clearTimeout(idle.timer)
      if (idle.worker.isAlive) return idle.worker
    }
    return undefined
  }

  #keepIdle(worker: WorkerProcess): void {
    const timer = setTimeout(() => {
      const place = this.#idle.findIndex((idle) => idle.worker === worker)
      this.#idle.splice(place, 1)
      void worker.stop()
    }, IDLE_MS)
    this.#idle.push({ worker, timer: timer.unref() })
  }
}
