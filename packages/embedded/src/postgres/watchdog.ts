import { type ChildProcess, spawn } from 'node:child_process'
import type { Account } from './account.ts'
import { childEnvironment } from './child-environment.ts'

/** How long PostgreSQL may take to end in order before it is ended without, seconds. */
const FAST_STOP_SECONDS = 10

/** Reads until the end of its input, which is our end, then stops the server `$1`. */
const SCRIPT = `
while read -r _; do :; done
kill -INT "$1" 2>/dev/null || exit 0
for _ in $(seq ${FAST_STOP_SECONDS}); do
  sleep 1
  kill -0 "$1" 2>/dev/null || exit 0
done
kill -QUIT "$1"
`

/**
 * Ends the server with process id `pid` once this process is gone, even by SIGKILL: a shell of a few
 * hundred kilobytes holds the other end of a pipe that only we keep open. It has a session of its
 * own, so that a closed terminal does not take it along, and runs as the server's user, whose
 * processes are all that it can reach. Windows has no such shell; there the next start stops what
 * was left behind.
 *
 * @returns how to dismiss it, once the server has ended and its id may be given to another process
 */
export function watchOver(pid: number, account: Account | undefined): () => void {
  if (process.platform === 'win32') return () => undefined
  const child: ChildProcess = spawn('/bin/sh', ['-c', SCRIPT, 'mindfuse-watchdog', String(pid)], {
    ...account,
    cwd: '/',
    env: childEnvironment(),
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // Without it the next start still stops what was left behind.
  child.on('error', () => undefined)
  child.stdin?.on('error', () => undefined)
  child.unref()
  return () => child.kill('SIGKILL')
}
