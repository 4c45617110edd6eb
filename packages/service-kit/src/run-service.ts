import { StartupError } from './startup-error.ts'

/** What a started service gives back: how to end it in order. */
export interface RunningService {
  stop(): Promise<void>
  /** Rejects when something broke without which the service cannot go on. */
  failed?: Promise<never>
}

/** How long an ordered stop may take before the process ends anyway. */
const STOP_DEADLINE_MS = 30_000

/**
 * `npm` passes on the signal that a terminal's Ctrl-C has already sent to the whole process
 * group, so the same signal arrives twice within milliseconds. Only a later one means "now".
 */
const REPEATED_SIGNAL_GRACE_MS = 2_000

/**
 * Runs a service from start to exit: starts it, stops it in order on SIGINT or SIGTERM (exit 0)
 * or after an error nobody caught (exit 1). A second signal, once the stop has had a moment,
 * ends the process at once. A {@link StartupError} is printed as it is, without a stack.
 */
export async function runService(start: () => Promise<RunningService>): Promise<void> {
  const starting = start()
  let stopRequestedAt: number | undefined

  const stop = async (exitCode: number) => {
    if (stopRequestedAt !== undefined) {
      if (Date.now() - stopRequestedAt > REPEATED_SIGNAL_GRACE_MS) process.exit(1)
      return
    }
    stopRequestedAt = Date.now()
    setTimeout(() => process.exit(1), STOP_DEADLINE_MS).unref()
    try {
      // A signal during the start waits for it, so that what was started can be stopped.
      const service = await starting
      await service.stop()
    } catch (error) {
      report(error)
      process.exit(1)
    }
    process.exit(exitCode)
  }

  const fail = (error: unknown) => {
    report(error)
    void stop(1)
  }
  process.on('SIGINT', () => void stop(0))
  process.on('SIGTERM', () => void stop(0))
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)

  try {
    const { failed } = await starting
    failed?.catch(fail)
  } catch (error) {
    report(error)
    process.exit(1)
  }
}

function report(error: unknown): void {
  const text =
    error instanceof StartupError
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error)
  process.stderr.write(`${text}\n`)
}
