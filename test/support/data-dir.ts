import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A temporary data directory that others may enter: run by root, PostgreSQL is another user, and
 * below a closed directory its data would have to live elsewhere and outlast the test.
 */
export async function makeDataDir(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'mindfuse-test-'))
  await chmod(directory, 0o755)
  return directory
}
