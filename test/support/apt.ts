import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Installs a package of Debian or Ubuntu where the tests run as root, and says where that fails. */
export async function installWithApt(name: string): Promise<void> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    await run('apt-get', ['update', '-qq'], { env })
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], { env })
  } catch (error) {
    process.stderr.write(`${name} cannot be installed: ${error}\n`)
  }
}

/**
 * The path of a program: where it is, or where apt puts it. Undefined where there is none, which the
 * output says.
 */
export async function findProgram(paths: string[], apt: string): Promise<string | undefined> {
  const find = () => paths.find((path) => path !== '' && existsSync(path))
  const found = find() ?? (await installWithApt(apt).then(find))
  if (!found) process.stderr.write(`no ${apt} here: the tests that need it are skipped\n`)
  return found
}
