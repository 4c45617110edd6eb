import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { program } from './binaries.ts'
import { childEnvironment } from './child-environment.ts'
import type { Place } from './place.ts'
import { signalServer } from './server-signal.ts'
import { watchOver } from './watchdog.ts'

/** How long open transactions and the last checkpoint may take. */
const FAST_STOP_DEADLINE_MS = 10_000

/** How much of its log an error quotes. */
const LAST_LINES = 20

/** A running PostgreSQL process. */
export interface Server {
  /** Settles when the process has ended and its log was read. */
  readonly ended: Promise<void>
  hasEnded(): boolean
  /** The end of its log. */
  lastLines(): string
  /** Ends it in order, or after a deadline without it; settles when it has ended. */
  stop(): Promise<void>
}

/** Small: the whole product is to stay below 500 MB. Given here, they win over every file. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '64MB',
  max_wal_size: '256MB',
  io_method: 'sync',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '',
  log_checkpoints: 'off',
  // A statement's errors go to its client, and may quote what people wrote.
  log_min_messages: 'log',
}

/** For tests: a power cut may destroy the database. */
const FAST_SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

/**
 * Starts PostgreSQL on a data directory and a port of 127.0.0.1; it may not accept connections
 * yet. The process has a session of its own, since a terminal's Ctrl-C would otherwise end it
 * before we have written our last.
 */
export function spawnServer(
  place: Place,
  directory: string,
  options: { port: number; fast: boolean; log: (line: string) => void },
): Server {
  const settings = { ...SETTINGS, ...(options.fast && FAST_SETTINGS), port: String(options.port) }
  const child = spawn(
    program(place.binaries, 'postgres'),
    ['-D', directory, ...Object.entries(settings).flatMap(([name, v]) => ['-c', `${name}=${v}`])],
    {
      ...place.account,
      cwd: directory,
      env: childEnvironment(),
      detached: true,
      windowsHide: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )

  const lines: string[] = []
  const record = (line: string) => {
    lines.push(line)
    if (lines.length > LAST_LINES) lines.shift()
    options.log(line)
  }
  createInterface({ input: child.stderr }).on('line', record)
  child.on('error', (error) => record(error.message))

  const signal = (name: 'INT' | 'QUIT') => {
    if (child.pid !== undefined) signalServer(place.binaries, child.pid, name)
  }
  const dismissWatchdog = child.pid === undefined ? undefined : watchOver(child.pid, place.account)

  let hasEnded = false
  let stopping: Promise<void> | undefined
  const ended = new Promise<void>((resolve) => {
    child.once('close', (code, signalName) => {
      hasEnded = true
      dismissWatchdog?.()
      if (!stopping) record(`PostgreSQL ended (${signalName ?? `exit code ${code}`})`)
      resolve()
    })
  })

  const stop = async () => {
    if (hasEnded) return
    signal('INT')
    const patience = delay(FAST_STOP_DEADLINE_MS, undefined, { ref: false })
    await Promise.race([ended, patience])
    if (!hasEnded) signal('QUIT')
    await ended
  }
  return {
    ended,
    hasEnded: () => hasEnded,
    lastLines: () => lines.join('\n'),
    stop: () => {
      stopping ??= stop()
      return stopping
    },
  }
}
