import { type DestinationStream, type Logger, pino } from 'pino'
import { LogOutput } from './log-output.ts'

/** The levels `LOG_LEVEL` accepts. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** What carries a secret, wherever a log call might put it. */
const REDACTED_PATHS = [
  'authorization',
  'cookie',
  'token',
  '["set-cookie"]',
  '["sec-websocket-protocol"]',
  '*.authorization',
  '*.cookie',
  '*.token',
  '*["set-cookie"]',
  '*["sec-websocket-protocol"]',
  '*.headers.authorization',
  '*.headers.cookie',
  '*.headers["set-cookie"]',
  '*.headers["sec-websocket-protocol"]',
]

/** No longer chain of causes is followed: an error may be its own cause. */
const MAX_CAUSES = 5

/**
 * A JSON logger on stdout (or on `destination`) that says which service speaks and redacts what
 * carries tokens. URLs are the caller's care: log paths, never query strings.
 */
export function createLogger(
  options: { service: string; level: LogLevel },
  destination: DestinationStream = toStdout(),
): Logger {
  const settings = {
    level: options.level,
    base: { service: options.service },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: (error: unknown) => serializeError(error) },
    redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
  }
  return pino(settings, destination)
}

let stdout: LogOutput | undefined

/** The one output of all loggers of the process. */
function toStdout(): LogOutput {
  if (stdout) return stdout
  const output = new LogOutput(process.stdout.fd)
  process.on('exit', () => output.flush())
  stdout = output
  return output
}

/** No more than this of an error: a driver's hold connections, statements and their values. */
function serializeError(error: unknown, causesLeft = MAX_CAUSES): unknown {
  if (!(error instanceof Error)) return error
  const { code } = error as { code?: unknown }
  return {
    type: error.name,
    message: error.message,
    ...(code !== undefined && { code }),
    stack: error.stack,
    ...(error.cause !== undefined &&
      causesLeft > 0 && { cause: serializeError(error.cause, causesLeft - 1) }),
  }
}

export type { Logger } from 'pino'
