import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

const ENGINE = join(ROOT, 'tools/containers.sh')

/** What `tools/container-base.sh` exits with where images cannot be built or run. */
const UNAVAILABLE = 3

/** More than a build prints, bytes. */
const MAX_OUTPUT_BYTES = 16 * 1_024 * 1_024

/** Podman would otherwise keep what each step of a build makes, as an image without a name. */
const env = { ...process.env, BUILDAH_LAYERS: 'false' }

/** Runs a command of the container engine, as on Docker's command line, and returns what it prints. */
export async function engine(...args: string[]): Promise<string> {
  const { stdout } = await run(ENGINE, args, { cwd: ROOT, env, maxBuffer: MAX_OUTPUT_BYTES })
  return stdout.trim()
}

/** Both streams of a container, in no order between them. */
export async function logsOf(container: string): Promise<string> {
  const { stdout, stderr } = await run(ENGINE, ['logs', container], { maxBuffer: MAX_OUTPUT_BYTES })
  return `${stdout}${stderr}`
}

/** Whether images can be built and run here; the first time this fetches or makes their base. */
export async function findEngine(): Promise<boolean> {
  try {
    await run(join(ROOT, 'tools/container-base.sh'), { maxBuffer: MAX_OUTPUT_BYTES })
    return true
  } catch (error) {
    const { code, stderr } = error as { code?: number; stderr?: string }
    if (code !== UNAVAILABLE) throw error
    process.stderr.write(`${stderr}tests of the images are skipped\n`)
    return false
  }
}
