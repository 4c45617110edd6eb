import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@mindfuse/testing'
import { findProgram } from './apt.ts'
import { commandInDebian13 } from './debian-13.ts'
import { pickPort } from './ports.ts'

/** A PgBouncer in transaction mode. */
export interface PgBouncer {
  /** Leads through it to the database. */
  url: string
  stop(): Promise<void>
}

/** What starts that of the system, installed with apt where it is missing, and that of Debian 13. */
export async function findPgBouncers(): Promise<Record<string, string[] | undefined>> {
  const program = await findProgram(['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'], 'pgbouncer')
  return {
    'PgBouncer of the system': program === undefined ? undefined : [program],
    'PgBouncer of Debian 13': await commandInDebian13('/usr/sbin/pgbouncer'),
  }
}

/**
 * Starts one before a database.
 * @param command one of {@link findPgBouncers}
 * @param options.size how many connections to PostgreSQL it has for everybody
 * @param options.statementTimeoutMs what connections to PostgreSQL have; 0 is none
 */
export async function startPgBouncer(
  [program = '', ...first]: string[],
  databaseUrl: string,
  { size, statementTimeoutMs }: { size: number; statementTimeoutMs: number },
): Promise<PgBouncer> {
  const { hostname, port, username, password, pathname } = new URL(databaseUrl)
  const directory = await mkdtemp(join(tmpdir(), 'mindfuse-pgbouncer-'))
  const file = join(directory, 'pgbouncer.ini')
  const ownPort = await pickPort()
  const name = pathname.slice(1)
  const server = `host=${hostname === 'localhost' ? '127.0.0.1' : hostname} port=${port}`
  await writeFile(
    file,
    `[databases]
${name} = ${server} user=${username} password=${password} connect_query='SET statement_timeout = ${statementTimeoutMs}'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${ownPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${size}
`,
  )
  await chmod(directory, 0o755)
  // It refuses to be root.
  const user = process.getuid?.() === 0 ? ['-u', 'postgres'] : []
  const child = spawn(program, [...first, ...user, file], { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  await eventually('PgBouncer listens', () => listens(ownPort))
  return {
    url: `postgres://${username}@127.0.0.1:${ownPort}/${name}`,
    async stop() {
      child.kill('SIGKILL')
      await ended
      await rm(directory, { recursive: true })
    },
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
