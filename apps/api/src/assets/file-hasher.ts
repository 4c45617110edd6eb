import { Worker } from 'node:worker_threads'
import type { HashJob, HashResult } from './hash-thread.ts'

/** The build, also seen from `src`: Node 20 reads no TypeScript. */
const ENTRY = new URL('../../dist/assets/hash-thread.js', import.meta.url)

interface OpenJob {
  resolve(digest: string): void
  reject(error: Error): void
}

/**
 * Works out the SHA-256 of files, one after the other, in a thread of its own: of all that is done with an upload it
 * takes the longest, and two hundred at once would hold up every other request. The thread starts with the first file.
 */
export class FileHasher {
  readonly #jobs = new Map<number, OpenJob>()
  #lastId = 0
  #thread: Worker | undefined

  /** @returns 64 lower-case hexadecimal digits. @throws Error where the file cannot be read */
  hash(path: string): Promise<string> {
    this.#thread ??= this.#start()
    const job: HashJob = { id: ++this.#lastId, path }
    this.#thread.postMessage(job)
    return new Promise((resolve, reject) => this.#jobs.set(job.id, { resolve, reject }))
  }

  /** Ends the thread; what is being worked out rejects. */
  async close(): Promise<void> {
    await this.#thread?.terminate()
  }

  #start(): Worker {
    // No secrets: it needs nothing but what it is sent.
    const thread = new Worker(ENTRY, { env: {} })
    thread.on('message', (result: HashResult) => this.#settle(result))
    let cause: Error | undefined
    thread.on('error', (error) => {
      cause = error
    })
    thread.on('exit', () => {
      this.#thread = undefined
      const jobs = [...this.#jobs.values()]
      this.#jobs.clear()
      for (const { reject } of jobs) reject(new Error('the thread that hashes ended', { cause }))
    })
    // An idle one keeps no process alive.
    thread.unref()
    return thread
  }

  #settle(result: HashResult): void {
    const job = this.#jobs.get(result.id)
    this.#jobs.delete(result.id)
    if ('digest' in result) job?.resolve(result.digest)
    else job?.reject(new Error(result.error))
  }
}
