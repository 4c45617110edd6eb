import { spawnSync } from 'node:child_process'
import { errorCode } from '../error-code.ts'
import { type Binaries, program } from './binaries.ts'

/**
 * Tells a PostgreSQL server to end: `INT` closes connections, writes everything out and ends
 * ("fast"); `QUIT` ends at once and leaves recovery to the next start. Does nothing where the
 * process is gone.
 */
export function signalServer(binaries: Binaries, pid: number, signal: 'INT' | 'QUIT'): void {
  if (process.platform === 'win32') {
    // Windows has no signals, and Node would end the process the hard way.
    spawnSync(program(binaries, 'pg_ctl'), ['kill', signal, String(pid)], { windowsHide: true })
    return
  }
  try {
    process.kill(pid, `SIG${signal}`)
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error
  }
}
