import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from './apt.ts'

/** Where Debian puts it. */
const program = await findProgram(['/usr/bin/redis-server'], 'redis-server')

/** A redis-server with arguments of a test's own. */
export interface RedisProcess {
  child: ChildProcess
  directory: string
  /** Kills it, and removes its files. */
  stop(): Promise<void>
}

/** Whether {@link startRedisProcess} can be called here. */
export const hasRedisServer = program !== undefined

/** Starts redis-server with nothing but `args`, in a directory of its own. */
export async function startRedisProcess(
  args: (directory: string) => string[] | Promise<string[]>,
): Promise<RedisProcess> {
  if (!program) throw new Error('there is no redis-server')
  const directory = await mkdtemp(join(tmpdir(), 'mindfuse-redis-'))
  const child = spawn(program, await args(directory), { cwd: directory, stdio: 'ignore' })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    child,
    directory,
    async stop() {
      child.kill('SIGKILL')
      await exited
      await rm(directory, { recursive: true, force: true })
    },
  }
}
