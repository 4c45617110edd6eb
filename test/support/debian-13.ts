import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from './apt.ts'

const run = promisify(execFile)

/** Servers that are newer there than in Debian 12. */
const PACKAGES = ['pgbouncer', 'redis-server', 'valkey-server']

/** Kept for later runs. */
const ROOT = join(tmpdir(), 'mindfuse-debian-13')

/** How long downloading and unpacking it may take, milliseconds. */
const MADE_WITHIN_MS = 300_000

/** Makes the root `$0` unless another run has made it while this one waited for the lock. */
const MAKE = `
[ ! -d "$0" ] || exit 0
rm -rf --one-file-system "$0.new"
debootstrap --variant=minbase --include="$1" trixie "$0.new" \${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"}
rm -rf "$0.new"/var/cache/apt/archives/*.deb
mv "$0.new" "$0"`

/**
 * What starts a program of Debian 13 on an older system: the dynamic linker of Debian 13, which loads its
 * libraries, too. The process sees the files of the system, as any other.
 *
 * @param path such as `/usr/bin/valkey-server`
 * @returns undefined where Debian 13 cannot be had, which the output says
 */
export async function commandInDebian13(path: string): Promise<string[] | undefined> {
  if (!existsSync(ROOT) && !(await make())) return undefined
  const libraries = readdirSync(join(ROOT, 'usr/lib'), { recursive: true, encoding: 'utf8' })
  const linker = libraries.find((name) => /^[^/]+-linux-gnu\/ld-linux[^/]*$/.test(name))
  if (linker === undefined) throw new Error(`there is no dynamic linker in ${ROOT}`)
  const program = join(ROOT, 'usr/lib', linker)
  return [program, '--library-path', join(program, '..'), join(ROOT, path)]
}

async function make(): Promise<boolean> {
  if (process.getuid?.() !== 0) {
    process.stderr.write('only root can make a Debian 13: the tests of its servers are skipped\n')
    return false
  }
  if (!(await findProgram(['/usr/sbin/debootstrap'], 'debootstrap'))) return false
  const args = [`${ROOT}.lock`, 'sh', '-ec', MAKE, ROOT, PACKAGES.join()]
  try {
    await run('flock', args, { timeout: MADE_WITHIN_MS, maxBuffer: Number.POSITIVE_INFINITY })
    return true
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string }
    process.stderr.write(`no Debian 13 here: ${stdout.trimEnd().split('\n').at(-1)}\n`)
    return false
  }
}
