import { execFile } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Builds the folder it runs in. */
const BUILD = "const { build } = await import('vite'); await build(JSON.parse(process.env.FURTHER))"

const run = promisify(execFile)

/**
 * Builds the page of a folder as its Vite configuration says.
 *
 * @param environment what is built into it
 * @param alias packages to take from elsewhere, by name
 * @returns where it is: a directory of its own
 */
export async function buildPage(
  folder: URL,
  environment: Record<string, string> = {},
  alias: Record<string, string> = {},
): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'mindfuse-page-'))
  const further = { logLevel: 'error', build: { outDir, emptyOutDir: true }, resolve: { alias } }
  await run(process.execPath, ['--input-type=module', '-e', BUILD], {
    cwd: fileURLToPath(folder),
    env: {
      ...process.env,
      NODE_ENV: 'production',
      ...environment,
      FURTHER: JSON.stringify(further),
    },
  })
  return outDir
}
