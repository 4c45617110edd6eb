import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { NODE_FLAGS } from '@mindfuse/service-kit'
import { eventually } from '@mindfuse/testing'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** How long a service may take on a busy machine until it prints something, milliseconds. */
export const PRINTED_WITHIN_MS = 90_000

/** A service as its own process, run as `npm run start:…` runs it. */
export interface ServiceProcess {
  child: ChildProcess
  /** Everything printed so far, on both streams. */
  output(): string
  /** The last line of the log. */
  lastLine(): { level: number; msg: string; [field: string]: unknown }
  /** Waits until the output matches. @throws Error with the output where the process ends first */
  untilPrinted(pattern: RegExp): Promise<RegExpExecArray>
  /** Sends a signal and resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
  exitCode(): Promise<number | null>
}

/**
 * Starts the built `entry` (a path from the root) with nothing but `environment` set.
 *
 * @param options.root of another release than this one
 * @param options.openFiles how many it may have open, as `ulimit -n` has it
 */
export function startProcess(
  entry: string,
  environment: Record<string, string>,
  options: { args?: string[]; root?: string; openFiles?: number } = {},
): ServiceProcess {
  const { args = [], root = ROOT, openFiles } = options
  const flags = [...(NODE_FLAGS[entry] ?? []), '--enable-source-maps']
  const command = [process.execPath, ...flags, entry, ...args]
  const limited = ['sh', '-c', `ulimit -n ${openFiles} && exec "$0" "$@"`, ...command]
  const [program = '', ...rest] = openFiles === undefined ? command : limited
  const child = spawn(program, rest, {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      printed += chunk
    })
  }
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    child,
    output: () => printed,
    lastLine: () => JSON.parse(printed.trimEnd().split('\n').at(-1) ?? ''),
    untilPrinted: (pattern) =>
      eventually(
        `the process prints ${pattern}`,
        () => {
          const match = pattern.exec(printed)
          if (!match && child.exitCode !== null) {
            throw new Error(`exited with ${child.exitCode}:\n${printed}`)
          }
          return match
        },
        PRINTED_WITHIN_MS,
      ),
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return exited
    },
    exitCode: () => exited,
  }
}
