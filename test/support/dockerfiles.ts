import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './engine.ts'

/** The default of `ARG NODE_IMAGE`, and what each stage starts from. */
export async function readBases(dockerfile: string): Promise<{ node: string; stages: string[] }> {
  const text = await readFile(join(ROOT, dockerfile), 'utf8')
  return {
    node: /^ARG NODE_IMAGE=(\S+)$/m.exec(text)?.[1] ?? '',
    stages: [...text.matchAll(/^FROM (\S+)/gm)].map(([, base = '']) => base),
  }
}
