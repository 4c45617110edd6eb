import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { UnbuildableError, WorkerEndedError } from './errors.ts'
import type { Answer, Call } from './messages.ts'
import type { DocumentOperations } from './operations.ts'
import { readUsage, type Usage } from './process-usage.ts'

/** A document in memory is a dozen times its bytes, and a board at its limit has to fit, MiB. */
const MAX_HEAP_MB = 1_024

/** Bytes outside of the heap are not in {@link MAX_HEAP_MB}: updates, and their encoding, bytes. */
export const MAX_WORKER_RSS_BYTES = 1_536 * 1024 * 1024

/**
 * Half of what Node and browsers have by default, KiB: what nests too deep for a client fails here
 * first.
 */
const STACK_KB = 492

/** How often the memory of a worker is read while it has a job, milliseconds. */
const WATCH_INTERVAL_MS = 100

/** How V8 ends a process whose heap is full: a signal, or its number where a shell is in between. */
const HEAP_LIMIT_EXITS = ['SIGABRT', 134]

/** The build, also seen from `src`: Node 20 reads no TypeScript. */
const ENTRY = new URL('../../../dist/documents/worker/main.js', import.meta.url)

/** {@link DocumentOperations} in another process. */
export type RemoteOperations = {
  [Method in keyof DocumentOperations]: (
    ...args: Parameters<DocumentOperations[Method]>
  ) => Promise<ReturnType<DocumentOperations[Method]>>
}

interface OpenCall {
  resolve(result: unknown): void
  reject(error: Error): void
}

/** A process that builds documents, and that can be ended whatever it is doing. */
export class WorkerProcess {
  readonly #child: ChildProcess
  readonly #calls: OpenCall[] = []
  readonly #watch: NodeJS.Timeout
  /** Why the process ended, or is about to. */
  #end: Error | undefined

  constructor() {
    this.#child = fork(ENTRY, [`${process.pid}`], {
      serialization: 'advanced',
      execArgv: [
        '--enable-source-maps',
        `--max-old-space-size=${MAX_HEAP_MB}`,
        `--stack-size=${STACK_KB}`,
      ],
      // No secrets: it needs nothing but what it is sent.
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    this.#child.on('message', (answer: Answer) => this.#settle(answer))
    this.#child.on('error', (error) => this.#ended(new WorkerEndedError(error.message)))
    this.#child.on('exit', (code, signal) => this.#ended(whyEnded(code, signal)))
    // An idle process does not keep its parent alive.
    this.#child.unref()
    this.#child.channel?.unref()
    this.#watch = setInterval(() => this.#checkMemory(), WATCH_INTERVAL_MS).unref()
  }

  /** Whether it can take calls. */
  get isAlive(): boolean {
    return this.#end === undefined
  }

  /** Processor time and memory it has used; undefined where the system does not tell. */
  get usage(): Usage | undefined {
    return readUsage(this.#child.pid)
  }

  /** Calls of a job. They reject once the process has ended. */
  get operations(): RemoteOperations {
    return {
      stage: (...args) => this.#call({ method: 'stage', args }),
      read: (...args) => this.#call({ method: 'read', args }),
      inspect: (...args) => this.#call({ method: 'inspect', args }),
      inspectStaged: (...args) => this.#call({ method: 'inspectStaged', args }),
      add: (...args) => this.#call({ method: 'add', args }),
      addStaged: (...args) => this.#call({ method: 'addStaged', args }),
      encode: (...args) => this.#call({ method: 'encode', args }),
      json: (...args) => this.#call({ method: 'json', args }),
      digests: (...args) => this.#call({ method: 'digests', args }),
      forward: (...args) => this.#call({ method: 'forward', args }),
      import: (...args) => this.#call({ method: 'import', args }),
      importScene: (...args) => this.#call({ method: 'importScene', args }),
      sceneFile: (...args) => this.#call({ method: 'sceneFile', args }),
      scene: (...args) => this.#call({ method: 'scene', args }),
    }
  }

  /** Makes it forget all documents. */
  async clear(): Promise<void> {
    await this.#call({ method: 'clear', args: [] })
  }

  /** Ends the process; calls that are open reject with the reason. */
  kill(reason: Error): void {
    this.#ended(reason)
    this.#child.kill('SIGKILL')
  }

  /** Ends the process, and resolves once it has ended. */
  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#child
    const hasExited = exitCode !== null || signalCode !== null
    const exited = hasExited ? undefined : once(this.#child, 'exit')
    this.kill(new WorkerEndedError('the worker is stopped'))
    await exited
  }

  #call(call: Call): Promise<never> {
    return new Promise((resolve, reject) => {
      if (this.#end) return reject(this.#end)
      this.#calls.push({ resolve: resolve as OpenCall['resolve'], reject })
      this.#child.send(call, (error) => {
        if (error) this.kill(new WorkerEndedError(error.message))
      })
    })
  }

  #settle(answer: Answer): void {
    const call = this.#calls.shift()
    if ('error' in answer) {
      call?.reject(new UnbuildableError('broken', { cause: new Error(answer.error) }))
    } else {
      call?.resolve(answer.result)
    }
  }

  #ended(reason: Error): void {
    clearInterval(this.#watch)
    this.#end ??= reason
    for (const { reject } of this.#calls.splice(0)) reject(this.#end)
  }

  #checkMemory(): void {
    const { usage } = this
    if (usage && usage.rssBytes > MAX_WORKER_RSS_BYTES) this.kill(new UnbuildableError('too_large'))
  }
}

function whyEnded(code: number | null, signal: NodeJS.Signals | null): Error {
  const end = signal ?? code
  return HEAP_LIMIT_EXITS.some((exit) => exit === end)
    ? new UnbuildableError('too_large')
    : new WorkerEndedError(`a document worker ended with ${end}`)
}
