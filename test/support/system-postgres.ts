import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { installWithApt } from './apt.ts'
import { pickPort } from './ports.ts'

const run = promisify(execFile)

/** Where Debian has the versions of PostgreSQL, each with its own programs. */
const VERSIONS = '/usr/lib/postgresql'

/** A PostgreSQL of the system, with the tools that the embedded one lacks. */
export interface SystemPostgres {
  /** Holds pg_dump and the others. */
  binaries: string
  /** The address of a database, which has to be created. */
  url(database: string): string
  createDatabase(name: string): Promise<void>
  stop(): Promise<void>
}

/** The newest PostgreSQL of the system, installed with apt where there is none and tests run as root. */
export async function findSystemPostgres(): Promise<string | undefined> {
  const find = () => {
    const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : []
    const folders = versions.toSorted().map((version) => join(VERSIONS, version, 'bin'))
    return folders.findLast((folder) => existsSync(join(folder, 'initdb')))
  }
  const found = find() ?? (await installWithApt('postgresql').then(find))
  if (!found) process.stderr.write('no PostgreSQL of the system here: its tests are skipped\n')
  return found
}

/** Starts one on a free port and an empty directory. */
export async function startSystemPostgres(binaries: string): Promise<SystemPostgres> {
  const cluster = await createCluster(binaries)
  await cluster.run('initdb', ['-D', cluster.directory, '-U', USER, '-A', 'trust', '--no-sync'])
  await cluster.start()
  return {
    binaries,
    url: cluster.url,
    createDatabase: async (name) => {
      await cluster.run('createdb', ['--maintenance-db', cluster.url('postgres'), name])
    },
    stop: cluster.remove,
  }
}

const USER = 'mindfuse'

/** The directory of a PostgreSQL, which has to be filled, and a port for it. */
export interface Cluster {
  directory: string
  url(database: string): string
  /** Runs a program of PostgreSQL. */
  run(program: string, args: string[]): Promise<string>
  /** @param settings such as `-c wal_level=minimal` */
  start(settings?: string): Promise<void>
  /** Kills it, and leaves what it has on disk. */
  kill(): Promise<void>
  /** Kills it if it runs, and removes the directory. */
  remove(): Promise<void>
}

/** @param binaries those of {@link findSystemPostgres} */
export async function createCluster(binaries: string): Promise<Cluster> {
  const directory = await mkdtemp(join(tmpdir(), 'mindfuse-postgres-'))
  const user = await postgresUser()
  await chmod(directory, 0o700)
  if (user) await chown(directory, user.uid, user.gid)
  const port = await pickPort()
  const env = { PATH: binaries, LC_ALL: 'C.UTF-8' }
  const program: Cluster['run'] = async (name, args) =>
    (await run(join(binaries, name), args, { ...user, env })).stdout
  const kill = async () => {
    await program('pg_ctl', ['-D', directory, '-m', 'immediate', 'stop'])
  }
  return {
    directory,
    url: (database) => `postgres://${USER}@127.0.0.1:${port}/${database}`,
    run: program,
    async start(settings = '') {
      const all = `-p ${port} -k '' -c listen_addresses=127.0.0.1 -c fsync=off ${settings}`
      const log = join(directory, 'log')
      await program('pg_ctl', ['-D', directory, '-w', '-l', log, '-o', all, 'start'])
    },
    kill,
    async remove() {
      if (existsSync(join(directory, 'postmaster.pid'))) await kill()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** PostgreSQL refuses to run as root; Debian's package makes this user. */
async function postgresUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)),
  )
  return { uid: uid!, gid: gid! }
}
