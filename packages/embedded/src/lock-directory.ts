import { mkdir, mkdtemp, readdir, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StartupError } from '@mindfuse/service-kit'
import { errorCode } from './error-code.ts'
import { identityPid, processIdentity } from './process-identity.ts'

/** Two starters may race for a stale lock; each round means that the other made progress. */
const ATTEMPTS = 10

/** A held lock. */
export interface DirectoryLock {
  /** Gives the directory free. */
  release(): Promise<void>
}

/**
 * Makes `dir` where it is missing and holds it for this process alone, until released or until the
 * process ends, however it ends. The directory can be entered by others (the user who runs
 * PostgreSQL may be another one), so secrets in it need a mode of their own.
 *
 * The lock is a directory with one file, named after its holder. Both steps that matter are atomic
 * and cannot hit a living holder: a dead one's file is removed by a name that only it could bear,
 * and renaming onto the lock succeeds only while that is empty.
 *
 * @throws StartupError where a living process holds it, or it cannot be written.
 */
export async function lockDirectory(dir: string): Promise<DirectoryLock> {
  const identity = processIdentity(process.pid)
  if (identity === undefined) throw new Error('this process cannot be identified')
  const lock = join(dir, 'lock')
  const draft = await makeDraft(dir)
  try {
    await writeFile(join(draft, identity), '')
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      await removeDeadHolder(dir, lock)
      if (await renameOnto(draft, lock)) return { release: () => vacate(lock, identity) }
    }
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  throw new StartupError(`data directory ${dir} is being locked by another process; try again`)
}

async function makeDraft(dir: string): Promise<string> {
  try {
    await mkdir(dir, { recursive: true })
    return await mkdtemp(join(dir, 'lock-'))
  } catch (error) {
    throw new StartupError(
      `data directory ${dir} cannot be written (${errorCode(error)}): set DATA_DIR`,
    )
  }
}

async function removeDeadHolder(dir: string, lock: string): Promise<void> {
  for (const holder of await namesIn(lock)) {
    const pid = identityPid(holder)
    if (processIdentity(pid) === holder) {
      throw new StartupError(
        `data directory ${dir} is in use by process ${pid}: stop it or set DATA_DIR`,
      )
    }
    await vacate(lock, holder)
  }
}

async function namesIn(lock: string): Promise<string[]> {
  return readdir(lock).catch(ignoring('ENOENT', [] as string[]))
}

async function vacate(lock: string, holder: string): Promise<void> {
  await unlink(join(lock, holder)).catch(ignoring('ENOENT', undefined))
  // Windows cannot rename onto a directory, not even an empty one.
  await rmdir(lock).catch(() => undefined)
}

/** Whether `draft` became the lock; false where another process has it by now. */
async function renameOnto(draft: string, lock: string): Promise<boolean> {
  try {
    await rename(draft, lock)
    return true
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(errorCode(error))) return false
    throw error
  }
}

function ignoring<Value>(code: string, value: Value): (error: unknown) => Value {
  return (error) => {
    if (errorCode(error) === code) return value
    throw error
  }
}
