import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { beforeAll, expect, test } from 'vitest'

/** What an application pays for the SDK beside Yjs, bytes, minified and gzipped. */
const MAX_BYTES = 30 * 1024

/** What channels take of that, bytes minified: about a third when gzipped. */
const MAX_CHANNEL_BYTES = 12 * 1024

/** What whoever uses Yjs has already. */
const EXTERNAL = ['yjs', 'lib0/*', 'y-protocols/*']

/** Bundles an application that consists of these lines. */
async function bundle(contents: string) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    write: false,
    minify: true,
    metafile: true,
    format: 'esm',
    target: 'es2023',
    conditions: ['mindfuse:source'],
    external: EXTERNAL,
  })
  const { text, contents: code } = outputFiles[0] as (typeof outputFiles)[0]
  const [{ inputs }] = Object.values(metafile.outputs) as [(typeof metafile.outputs)[string]]
  return {
    text,
    bytes: gzipSync(code, { level: 9 }).length,
    modules: Object.keys(inputs).filter((id) => (inputs[id]?.bytesInOutput ?? 0) > 0),
    /** Minified, of a folder. */
    bytesOf: (folder: string) =>
      Object.entries(inputs)
        .filter(([id]) => id.includes(folder))
        .reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0),
  }
}

let whole: Awaited<ReturnType<typeof bundle>>
beforeAll(async () => {
  whole = await bundle(`export * from './index.ts'`)
})

test('the whole SDK stays under 30 KB gzipped beside Yjs', ({ annotate }) => {
  void annotate(`${whole.bytes} bytes gzipped, ${whole.text.length} bytes minified`)
  expect(whole.bytes).toBeLessThan(MAX_BYTES)
  // And is all there.
  expect(whole.bytes).toBeGreaterThan(5 * 1024)
})

test('nothing of it is for servers: no schemas, and no modules of Node', () => {
  expect(whole.modules.filter((id) => id.includes('typebox'))).toEqual([])
  expect(whole.text).not.toMatch(/from\s*["']node:/)
  expect(whole.modules.filter((id) => id.includes('/protocol/')).length).toBeLessThan(12)
})

test('channels stay under 12 KB minified', ({ annotate }) => {
  const bytes = whole.bytesOf('/channels/')
  void annotate(`${bytes} bytes minified`)
  expect(bytes).toBeLessThan(MAX_CHANNEL_BYTES)
  expect(bytes).toBeGreaterThan(1_024)
})

test('who takes only the errors gets only the errors', async () => {
  const errors = await bundle(`export { MindfuseError } from './index.ts'`)
  expect(errors.bytes).toBeLessThan(1_024)
})

test('who takes no files of an editor has nothing of its adapter', async () => {
  const client = await bundle(`export { createClient } from './index.ts'`)
  expect(client.modules.filter((id) => /excalidraw|tldraw/.test(id))).toEqual([])
  expect(client.bytes).toBeLessThan(whole.bytes)
})
