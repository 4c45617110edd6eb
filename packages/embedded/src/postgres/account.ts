import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { StartupError } from '@mindfuse/service-kit'
import { childEnvironment } from './child-environment.ts'

const run = promisify(execFile)

const USER = 'postgres'

/** The OS user that PostgreSQL runs as where we are root, as `spawn` takes it. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** Whether this is root, as which PostgreSQL refuses to run. */
export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/**
 * The user `postgres`, created where it is missing. Only root may call this.
 *
 * @throws StartupError where it cannot be created.
 */
export async function postgresAccount(): Promise<Account> {
  const account = (await lookUp()) ?? ((await createUser()) ? await lookUp() : undefined)
  if (account) return account
  throw new StartupError(
    `PostgreSQL does not run as root, and the user ${USER} could not be created: create it, or start as an ordinary user`,
  )
}

/** Whether `account` can run `command`: asked by running it. */
export function canRun(account: Account, command: string, args: string[]): boolean {
  const { status } = spawnSync(command, args, {
    ...account,
    cwd: '/',
    env: childEnvironment(),
    stdio: 'ignore',
  })
  return status === 0
}

/** Whether `account` can enter a directory, so that what lies in it can be its own. */
export function canEnter(account: Account, directory: string): boolean {
  return canRun(account, '/bin/sh', ['-c', 'cd -- "$1"', 'sh', directory])
}

async function lookUp(): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', USER]), run('id', ['-g', USER])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    // `id` fails where there is no such user.
    return undefined
  }
}

async function createUser(): Promise<boolean> {
  const shadow = ['useradd', '--system', '--no-create-home', '--shell', '/bin/false', USER] as const
  const busybox = ['adduser', '-S', '-D', '-H', '-s', '/bin/false', USER] as const
  for (const [command, ...args] of [shadow, busybox]) {
    const done = await run(command, args).then(
      () => true,
      () => false,
    )
    if (done) return true
  }
  return false
}
