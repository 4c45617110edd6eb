import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The services and what they depend on, as the images have it. */
const SERVICES = ['apps/api', 'apps/realtime']

/** The hash of a commit; undefined where there is none, as in a checkout without history. */
export function findRevision(name: string): string | undefined {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--verify', '-q', `${name}^{commit}`], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  return status === 0 ? stdout.trim() : undefined
}

/** Builds both services of a commit, once for all runs. @returns the root of its files */
export async function buildRelease(hash: string): Promise<string> {
  const root = join(tmpdir(), `mindfuse-release-${hash}`)
  if (existsSync(root)) return root
  const building = await mkdtemp(`${root}-`)
  try {
    const archive = join(building, 'archive.tar')
    await run('git', ['archive', '--output', archive, hash], { cwd: ROOT })
    await run('tar', ['-xf', archive, '-C', building])
    const quiet = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
    const workspaces = SERVICES.map((service) => `--workspace=${service}`)
    await run('npm', ['ci', ...quiet, '--include-workspace-root', ...workspaces], { cwd: building })
    await run(process.execPath, ['tools/build.cjs', ...SERVICES], { cwd: building })
    await rename(building, root)
  } catch (error) {
    await rm(building, { recursive: true, force: true })
    // Another run was faster.
    if (!existsSync(root)) throw error
  }
  return root
}
