import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { quantile } from '../services.ts'

/** Where a bystander draws. */
export interface BystanderTask {
  apiUrl: string
  realtimeUrl: string
  boardId: string
  accessToken: string
}

/** What a bystander met since it was last asked. */
export interface Observations {
  /** From drawing to `sync:ack`, milliseconds. */
  savedMs: number[]
  /** Milliseconds that answers of the API took. */
  answeredMs: number[]
  /** Requests that failed and connections that were lost, in words. */
  failures: string[]
}

/** Someone on another board, in a process of their own, so that the attack's own CPU counts less. */
export class Bystander {
  readonly #process: ChildProcess

  private constructor(process: ChildProcess) {
    this.#process = process
  }

  static async start(task: BystanderTask): Promise<Bystander> {
    const child = fork(new URL('bystander-process.js', import.meta.url), [JSON.stringify(task)])
    await once(child, 'message')
    return new Bystander(child)
  }

  /** What it met since it was last asked; edits that still wait count with their age. */
  async take(): Promise<Observations & { savedP99Ms: number }> {
    this.#process.send('take')
    const [observations] = (await once(this.#process, 'message')) as [Observations]
    return { ...observations, savedP99Ms: quantile(observations.savedMs, 0.99) }
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return
    const exited = once(this.#process, 'exit')
    this.#process.kill()
    await exited
  }
}
