import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** The core of what is measured. */
const SERVER_CORE = '0'

/** The core of the load, and of everything that a server under test keeps beside it. */
const LOAD_CORE = '1'

/** Keeps this process off the server's core, and with it whatever it starts. */
export function pinLoad(): void {
  if (process.platform !== 'linux' || availableParallelism() < 2) {
    throw new Error('the comparison needs Linux, taskset, and two cores: one is the server’s alone')
  }
  execFileSync('taskset', ['-acp', LOAD_CORE, `${process.pid}`], { stdio: 'ignore' })
}

/** The command that runs a Node program on the server's core. */
export function onServerCore(...args: string[]): [command: string, args: string[]] {
  return ['taskset', ['-c', SERVER_CORE, process.execPath, ...args]]
}
