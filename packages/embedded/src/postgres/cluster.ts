import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { errorCode } from '../error-code.ts'
import { program } from './binaries.ts'
import { childEnvironment } from './child-environment.ts'
import type { Place } from './place.ts'

/** The superuser, and the name of the one database. */
export const DATABASE_USER = 'mindfuse'

/** A database cluster on disk. */
export interface Cluster {
  /** PostgreSQL's data directory. */
  readonly directory: string
  readonly password: string
}

/**
 * The cluster in `place`, made on the first start. It is made beside its place and renamed there
 * when it is complete, so that a crash in between leaves nothing that looks like a database.
 *
 * @throws Error with what initdb said.
 */
export async function openCluster(
  place: Place,
  options: { fast: boolean; log: (line: string) => void },
): Promise<Cluster> {
  const { home } = place
  const directory = join(home, 'data')
  const known = await readPassword(home)
  if (known !== undefined) return { directory, password: known }

  options.log(`making a new database in ${home}`)
  // A name of its own: the initdb of a start that was killed may still be writing into another.
  const draft = await mkdtemp(`${home}.draft-`)
  const password = randomBytes(24).toString('base64url')
  await writeFile(join(draft, 'password'), password, { mode: 0o600 })
  if (place.account) {
    const { uid, gid } = place.account
    await chown(draft, uid, gid)
    await chown(join(draft, 'password'), uid, gid)
  }
  await initdb(place, draft, options.fast)
  await rename(draft, home)
  await removeDrafts(home)
  return { directory, password }
}

async function readPassword(home: string): Promise<string | undefined> {
  try {
    return await readFile(join(home, 'password'), 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

async function initdb(place: Place, draft: string, fast: boolean): Promise<void> {
  const args = [
    `--pgdata=${join(draft, 'data')}`,
    `--username=${DATABASE_USER}`,
    `--pwfile=${join(draft, 'password')}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Built in, so that text compares alike on machines with and without locales.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(fast ? ['--no-sync'] : []),
  ]
  try {
    await promisify(execFile)(program(place.binaries, 'initdb'), args, {
      ...place.account,
      cwd: draft,
      env: childEnvironment(),
      windowsHide: true,
    })
  } catch (error) {
    const { message, stderr = '' } = error as Error & { stderr?: string }
    throw new Error(`initdb failed: ${stderr.trim() || message}`)
  }
}

async function removeDrafts(home: string): Promise<void> {
  const prefix = `${basename(home)}.draft-`
  for (const name of await readdir(dirname(home))) {
    if (name.startsWith(prefix)) {
      await rm(join(dirname(home), name), { recursive: true, force: true, maxRetries: 5 })
    }
  }
}
