import { closeSync, openSync } from 'node:fs'
import { StartupError } from '@mindfuse/service-kit'

/**
 * Descriptors that the gateway needs for itself: some 30 for the process, and connections to the API,
 * Dragonfly, the trace collector and its internal port.
 */
const OWN_FILES = 128

/** Descriptors for connections that are not WebSockets: upgrades that are decided on, health checks. */
const ARRIVING_FILES = 128

/** Below this there is hardly anybody whom a gateway could serve. */
const MIN_OPEN_FILES = 512

/**
 * How many descriptors (`ulimit -n`) the process may have; Node has raised the soft limit to the hard one.
 * Infinity where there is no limit.
 */
export function readOpenFilesLimit(): number {
  // At the start: a report of a process with connections would look up the names of their peers.
  const { userLimits } = process.report.getReport() as {
    userLimits?: { open_files?: { soft?: number | 'unlimited' } }
  }
  const soft = userLimits?.open_files?.soft
  return typeof soft === 'number' ? soft : Number.POSITIVE_INFINITY
}

/**
 * What the limit of open files allows. Without descriptors a process cannot even accept a connection to close it:
 * the kernel offers it again and again, which takes a core, and clients wait for ever.
 */
export class OpenFiles {
  /** Most WebSockets. */
  readonly maxConnections: number
  readonly #scarceFrom: number

  /** @throws StartupError where the limit is too low to serve anybody */
  constructor(limit: number) {
    if (limit < MIN_OPEN_FILES) {
      throw new StartupError(
        `the limit of open files (ulimit -n) is ${limit}: a gateway needs ${MIN_OPEN_FILES}, and one more for each connection`,
      )
    }
    this.maxConnections = limit - OWN_FILES - ARRIVING_FILES
    this.#scarceFrom = limit - OWN_FILES
  }

  /** Whether no more are left than the gateway needs for itself. */
  isScarce(): boolean {
    if (this.#scarceFrom === Number.POSITIVE_INFINITY) return false
    try {
      // The lowest free number: all below it are taken.
      const descriptor = openSync('/dev/null', 'r')
      closeSync(descriptor)
      return descriptor >= this.#scarceFrom
    } catch {
      return true
    }
  }
}
