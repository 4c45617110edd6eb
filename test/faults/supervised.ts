import { eventually } from '@mindfuse/testing'
import { type ServiceProcess, startProcess } from '../support/process.ts'

/** How long a supervisor waits before it starts again what ended by itself, milliseconds. */
const RESTART_DELAY_MS = 100

/** How long a process may take to its first answer, milliseconds. */
const READY_WITHIN_MS = 60_000

/** How many bytes of the log are quoted where something is wrong. */
const QUOTED_BYTES = 1_500

/** A process that is started again whenever it ends, as systemd or an orchestrator does it. */
export class Supervised {
  readonly name: string
  /** Violations: it exited by itself after it had been ready, or did not stop in order. */
  readonly faults: string[] = []
  readonly #entry: string
  readonly #environment: Record<string, string>
  readonly #readyUrl: string
  #process: ServiceProcess | undefined
  #isWanted = true
  #wasReady = false
  #before = ''

  constructor(
    name: string,
    options: { entry: string; environment: Record<string, string>; readyUrl: string },
  ) {
    this.name = name
    this.#entry = options.entry
    this.#environment = options.environment
    this.#readyUrl = options.readyUrl
  }

  start(): void {
    if (this.#process || !this.#isWanted) return
    const service = startProcess(this.#entry, this.#environment)
    this.#process = service
    this.#wasReady = false
    // Whether it ever answered distinguishes a failed start from an unexpected exit.
    void this.untilReady().catch(() => undefined)
    service.child.once('exit', (code, signal) => {
      if (this.#process !== service) return
      if (this.#wasReady) {
        this.faults.push(`${this.name} ended by itself (${signal ?? code}):\n${this.log}`)
      }
      this.#forget(service)
      setTimeout(() => this.start(), RESTART_DELAY_MS)
    })
  }

  /** Kills it; it stays away for `downMs`. */
  async kill(downMs: number): Promise<void> {
    const service = this.#process
    if (!service) return
    this.#forget(service)
    await service.stop('SIGKILL')
    setTimeout(() => this.start(), downMs)
  }

  /** Stops it in order and starts it again. */
  async restart(): Promise<void> {
    await this.untilReady()
    const service = this.#process
    if (!service) return
    this.#forget(service)
    const code = await service.stop('SIGTERM')
    if (code !== 0) this.faults.push(`${this.name} stopped with ${code}:\n${service.output()}`)
    this.start()
  }

  /** Stops its process until it thaws: its connections stay, and it wakes as if no time had passed. */
  freeze(): void {
    this.#process?.child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#process?.child.kill('SIGCONT')
  }

  async untilReady(): Promise<void> {
    await eventually(
      `${this.name} is ready`,
      async () => {
        const service = this.#process
        const { ok } = await fetch(this.#readyUrl, { signal: AbortSignal.timeout(1_000) })
        if (service === this.#process) this.#wasReady ||= ok
        return ok
      },
      READY_WITHIN_MS,
    )
  }

  /** The end of what it and the one before it printed. */
  get log(): string {
    return `${this.#before}\n${this.#process?.output() ?? ''}`.slice(-QUOTED_BYTES)
  }

  async stop(): Promise<void> {
    this.#isWanted = false
    const service = this.#process
    this.#process = undefined
    await service?.stop('SIGKILL')
  }

  #forget(service: ServiceProcess): void {
    this.#before = service.output().slice(-QUOTED_BYTES)
    this.#process = undefined
  }
}
