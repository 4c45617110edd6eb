import { execFile } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const VITE = fileURLToPath(new URL('../../node_modules/vite/bin/vite.js', import.meta.url))
const run = promisify(execFile)

/**
 * Builds the page of a folder as its Vite configuration says.
 *
 * @param environment what is built into it
 * @returns where it is: a directory of its own
 */
export async function buildPage(
  folder: URL,
  environment: Record<string, string> = {},
): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'mindfuse-page-'))
  const args = [VITE, 'build', '--outDir', outDir, '--emptyOutDir', '--logLevel', 'error']
  await run(process.execPath, args, {
    cwd: fileURLToPath(folder),
    env: { ...process.env, NODE_ENV: 'production', ...environment },
  })
  return outDir
}
