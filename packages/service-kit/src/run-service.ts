import { onLauncherGone } from './launcher.ts'
import { createLogger, type Logger } from './logger.ts'
import { StartupError } from './startup-error.ts'

/** What a started service gives back: how to end it in order. */
export interface RunningService {
  stop(): Promise<void>
  /** Rejects when something broke without which the service cannot go on. */
  failed?: Promise<never>
}

/** Starts a service. */
type Start = (stopping: AbortSignal) => Promise<RunningService>

/** How long an ordered stop may take before the process ends anyway. */
const STOP_DEADLINE_MS = 30_000

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * `npm` passes on the signal that a terminal's Ctrl-C has already sent to the whole process
 * group, so the same signal arrives twice within milliseconds. Only a later one means "now".
 */
const REPEATED_SIGNAL_GRACE_MS = 2_000

/**
 * Runs a service from start to exit: starts it, stops it in order (exit 0) on SIGINT, SIGTERM, SIGHUP
 * (a closed terminal) or the end of the npm that started it, or after an uncaught error (exit 1). A
 * second signal, once the stop has had a moment, ends the process at once. What failed is printed, of a
 * {@link StartupError} without a stack.
 *
 * @param start its signal is aborted by a stop, so that a start which waits for something ends: by
 * rejecting, which is no failure then
 */
export function runService(start: Start): Promise<void> {
  return run(start, print)
}

/**
 * As {@link runService}, for what has a log: failures are lines of it, level `fatal`, with a `code`. At a
 * terminal they are text all the same.
 */
export function runLoggedService(service: string, start: Start): Promise<void> {
  if (process.stdout.isTTY) return run(start, print)
  return run(start, reportTo(createLogger({ service, level: 'fatal' })))
}

async function run(start: Start, report: (error: unknown) => void): Promise<void> {
  const stopping = new AbortController()
  const starting = start(stopping.signal)
  let stopRequestedAt: number | undefined

  const stop = async (exitCode: number) => {
    if (stopRequestedAt !== undefined) return
    stopRequestedAt = performance.now()
    setTimeout(() => process.exit(1), STOP_DEADLINE_MS).unref()
    stopping.abort()
    try {
      // A signal during the start waits for it, so that what was started can be stopped.
      const service = await starting
      await service.stop()
    } catch (error) {
      if (isAbort(error)) process.exit(exitCode)
      report(error)
      process.exit(1)
    }
    process.exit(exitCode)
  }

  const onSignal = () => {
    if (performance.now() - (stopRequestedAt ?? Infinity) > REPEATED_SIGNAL_GRACE_MS)
      process.exit(1)
    void stop(0)
  }
  // An error while stopping does not cut the stop short.
  const fail = (error: unknown) => {
    report(error)
    void stop(1)
  }
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal)
  onLauncherGone(process.env, () => void stop(0))
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
  // A terminal that was closed fails every write, and there is nowhere left to report it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

  try {
    const { failed } = await starting
    failed?.catch(fail)
  } catch (error) {
    // The stop ends the process.
    if (stopping.signal.aborted && isAbort(error)) return
    report(error)
    process.exit(1)
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

function reportTo(log: Logger): (error: unknown) => void {
  return (error) => {
    const { code } = error as { code?: unknown }
    if (error instanceof StartupError) log.fatal({ code }, error.message)
    else log.fatal({ code, err: error }, error instanceof Error ? error.message : String(error))
  }
}

function print(error: unknown): void {
  const text =
    error instanceof StartupError
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error)
  process.stderr.write(`${text}\n`)
}
