import { Worker } from 'node:worker_threads'
import type { Logger } from '@mindfuse/service-kit'
import { ApiError } from '../../http/errors.ts'
import type { Answer, Call } from './messages.ts'
import type { DocumentOperations } from './operations.ts'

/** Longest that a job may take, its reads from PostgreSQL included, milliseconds. */
const JOB_TIME_LIMIT_MS = 30_000

/** Most queued jobs besides the running one. */
const MAX_WAITING_JOBS = 32

/** A document in memory is a dozen times its bytes, and a board at its limit has to fit. */
const MAX_HEAP_MB = 1_024

/** The build, also seen from `src`: Node 20 reads no TypeScript. */
const ENTRY = new URL('../../../dist/documents/worker/main.js', import.meta.url)

/** {@link DocumentOperations} in another thread. */
export type RemoteOperations = {
  [Method in keyof DocumentOperations]: (
    ...args: Parameters<DocumentOperations[Method]>
  ) => Promise<ReturnType<DocumentOperations[Method]>>
}

/** Too many jobs are queued. */
export class WorkerBusyError extends ApiError {
  constructor() {
    super(503, 'documents_busy', 'Too many documents are being processed; try again later')
  }
}

/** A job exceeded its time limit: its document is too costly to build. */
export class WorkerTimeoutError extends ApiError {
  constructor() {
    super(422, 'document_too_costly', 'This document takes too long to build')
  }
}

/**
 * One worker thread that runs jobs one after the other. A well-formed update can keep Yjs busy for any
 * time: a job beyond its limit is terminated with the thread, and the next one gets a new thread.
 */
export class DocumentWorker {
  readonly #log: Logger
  readonly #timeLimitMs: number
  #thread: Worker | undefined
  #tail: Promise<unknown> = Promise.resolve()
  #jobs = 0
  #isClosed = false

  constructor(deps: { log: Logger; timeLimitMs?: number }) {
    this.#log = deps.log
    this.#timeLimitMs = deps.timeLimitMs ?? JOB_TIME_LIMIT_MS
  }

  /** Jobs that are running or queued. */
  get jobs(): number {
    return this.#jobs
  }

  /**
   * Runs a job that has the thread to itself, on documents that are empty at first.
   * @throws WorkerBusyError, WorkerTimeoutError, and whatever the job throws
   */
  run<Result>(job: (operations: RemoteOperations) => Promise<Result>): Promise<Result> {
    if (this.#jobs > MAX_WAITING_JOBS || this.#isClosed)
      return Promise.reject(new WorkerBusyError())
    this.#jobs++
    const done = this.#tail.then(() => this.#perform(job)).finally(() => this.#jobs--)
    this.#tail = done.catch(() => undefined)
    return done
  }

  /** Terminates the thread; the running job and all queued ones fail. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#thread?.terminate()
    await this.#tail
  }

  async #perform<Result>(job: (operations: RemoteOperations) => Promise<Result>): Promise<Result> {
    if (this.#isClosed) throw new WorkerBusyError()
    const thread = this.#thread ?? this.#start()
    let timer: NodeJS.Timeout | undefined
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        // Its calls that are open reject with the thread's end, and later ones too.
        reject(new WorkerTimeoutError())
        this.#log.warn({ limitMs: this.#timeLimitMs }, 'a document took the worker too long')
        void thread.terminate()
        this.#thread = undefined
      }, this.#timeLimitMs)
    })
    try {
      return await Promise.race([job(remoteOperations(thread)), timeout])
    } finally {
      clearTimeout(timer)
      if (this.#thread === thread) await this.#clear(thread)
    }
  }

  async #clear(thread: Worker): Promise<void> {
    await call(thread, { method: 'clear', args: [] }).catch((error: unknown) => {
      this.#log.warn({ err: error }, 'the document worker is replaced')
      this.#thread = undefined
    })
  }

  #start(): Worker {
    const thread = new Worker(ENTRY, {
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
      // Not those of a process that runs sources: the thread runs builds all through.
      execArgv: ['--enable-source-maps'],
    })
    // An idle thread does not keep the process alive.
    thread.unref()
    thread.on('error', (error) => this.#log.error({ err: error }, 'the document worker failed'))
    thread.once('exit', () => {
      if (this.#thread === thread) this.#thread = undefined
    })
    this.#thread = thread
    return thread
  }
}

function remoteOperations(thread: Worker): RemoteOperations {
  return {
    inspect: (updates) =>
      call(thread, { method: 'inspect', args: [updates] }, [updates.bytes.buffer]),
    add: (slot, updates) =>
      call(thread, { method: 'add', args: [slot, updates] }, [updates.bytes.buffer]),
    encode: (slot) => call(thread, { method: 'encode', args: [slot] }),
    json: (slot) => call(thread, { method: 'json', args: [slot] }),
    forward: () => call(thread, { method: 'forward', args: [] }),
    import: (update) => call(thread, { method: 'import', args: [update] }),
  }
}

function call<Result>(thread: Worker, message: Call, transfer: ArrayBuffer[] = []) {
  return new Promise<Result>((resolve, reject) => {
    // A thread that has ended emits nothing more, not even `exit`.
    if (thread.threadId === -1) throw new Error('the document worker ended')
    const settle = () => {
      thread.off('message', answered)
      thread.off('exit', ended)
    }
    const answered = (answer: Answer) => {
      settle()
      if ('error' in answer) reject(new Error(answer.error))
      else resolve(answer.result as Result)
    }
    const ended = () => {
      settle()
      reject(new Error('the document worker ended'))
    }
    thread.on('message', answered)
    thread.on('exit', ended)
    thread.postMessage(message, transfer)
  })
}
