import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StartupError } from '@mindfuse/service-kit'
import { errorCode } from '../error-code.ts'
import { type Account, canEnter, canRun, isRoot, postgresAccount } from './account.ts'
import { type Binaries, findBinaries, program } from './binaries.ts'
import { newSharedHome, shareBinaries } from './shared-place.ts'

/** What runs the database, and where it lies. */
export interface Place {
  readonly binaries: Binaries
  /** The directory of the cluster and its password; not there before the first start. */
  readonly home: string
  /** The user that PostgreSQL runs as; undefined for the current one. */
  readonly account: Account | undefined
}

/**
 * Decides where the database of `dataDir` is and which user runs it: `<dataDir>/postgres` and the
 * current user, unless that is root. Then another user has to run PostgreSQL: the owner of an existing
 * database, or else the user `postgres`. Where that user can enter neither the binaries nor `dataDir`
 * (below root's home, say), they move to a place it can enter, and a file in `dataDir` names it for
 * the next start.
 *
 * @throws StartupError where no place will do.
 */
export async function choosePlace(dataDir: string): Promise<Place> {
  await mkdir(dataDir, { recursive: true })
  const packaged = await findBinaries()
  const recorded = await recordedHome(dataDir)
  const home = recorded ?? join(dataDir, 'postgres')
  const owner = await ownerOf(home)

  if (!isRoot()) {
    if (owner && owner.uid !== process.getuid?.()) {
      throw new StartupError(
        `the database in ${home} belongs to the user with id ${owner.uid}: start as that user, or set DATA_DIR`,
      )
    }
    return { binaries: packaged, home, account: undefined }
  }

  const account = owner && owner.uid !== 0 ? owner : await postgresAccount()
  const binaries = canRunServer(account, packaged) ? packaged : await shareBinaries(packaged)
  if (!canRunServer(account, binaries)) {
    throw new StartupError(
      `PostgreSQL does not run as root, and the user with id ${account.uid} cannot run ${binaries.directory}: start as an ordinary user`,
    )
  }
  if (recorded || canEnter(account, dataDir)) return { binaries, home, account }
  if (owner) {
    throw new StartupError(
      `the database in ${home} is no longer accessible to its user: make the directories above it traversable (chmod o+x)`,
    )
  }
  return { binaries, home: await recordHome(dataDir, await newSharedHome()), account }
}

function canRunServer(account: Account, binaries: Binaries): boolean {
  return canRun(account, program(binaries, 'postgres'), ['--version'])
}

async function ownerOf(home: string): Promise<Account | undefined> {
  try {
    const { uid, gid } = await stat(home)
    return { uid, gid }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

const recordFile = (dataDir: string) => join(dataDir, 'postgres.location')

/** What the file names, unless a crash came before the database was made, or it was removed. */
async function recordedHome(dataDir: string): Promise<string | undefined> {
  try {
    const home = (await readFile(recordFile(dataDir), 'utf8')).trim()
    return (await ownerOf(home)) && home
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Written before the database is made: a crash in between leaves nothing that is not found. */
async function recordHome(dataDir: string, home: string): Promise<string> {
  const draft = `${recordFile(dataDir)}.new`
  await writeFile(draft, `${home}\n`)
  await rename(draft, recordFile(dataDir))
  return home
}
