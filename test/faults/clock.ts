import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PRELOADED = fileURLToPath(new URL('./jumping-clock.cjs', import.meta.url))

/** The wall clock of a process, which jumps when it is set; a process that starts again keeps it. */
export class Clock {
  readonly #directory = mkdtempSync(join(tmpdir(), 'mindfuse-clock-'))
  readonly #file = join(this.#directory, 'offset')

  constructor() {
    this.set(0)
  }

  /** What a process that goes by this clock is started with. */
  get environment(): Record<string, string> {
    return { NODE_OPTIONS: `--require=${PRELOADED}`, CLOCK_FILE: this.#file }
  }

  /** How far off the real time it is from now on. */
  set(offsetMs: number): void {
    // Whole or not at all: the process may be reading it.
    const next = `${this.#file}.next`
    writeFileSync(next, `${offsetMs}`)
    renameSync(next, this.#file)
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
