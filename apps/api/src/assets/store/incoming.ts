import { lstat, mkdir, opendir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StartupError } from '@mindfuse/service-kit'
import { unlessMissing } from './unless-missing.ts'

/** What other users of this system may do with received files and assets: nothing. */
export const DIRECTORY_MODE = 0o700

/** A received file that is as old was left by a process that was killed, hours; no request lasts as long. */
const ABANDONED_AFTER_HOURS = 24

/** Removes what was received and never stored. */
export async function removeAbandoned(incoming: string): Promise<void> {
  const before = Date.now() - ABANDONED_AFTER_HOURS * 60 * 60 * 1_000
  for await (const { name } of await opendir(incoming)) {
    const path = join(incoming, name)
    const stats = await unlessMissing(stat(path))
    if (stats && stats.mtimeMs < before) await rm(path, { force: true })
  }
}

/**
 * Opens the one for a store that is elsewhere: in the system's temporary directory, under a fixed name, so that what a
 * killed process leaves is found.
 * @throws StartupError where another user was there first
 */
export async function openTemporaryIncoming(): Promise<string> {
  const userId = process.getuid?.() ?? 0
  const path = join(tmpdir(), `mindfuse-incoming-${userId}`)
  await mkdir(path, { recursive: true, mode: DIRECTORY_MODE })
  const { uid, mode } = await lstat(path)
  const isOurs = uid === userId && (mode & 0o777) === DIRECTORY_MODE
  if (!isOurs && process.platform !== 'win32') {
    throw new StartupError(`${path} belongs to somebody else: remove it, or set TMPDIR`)
  }
  // Not only as the store is listed: one of all instances does that.
  await removeAbandoned(path)
  return path
}
