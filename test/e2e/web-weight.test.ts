import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

const DIST = fileURLToPath(new URL('../../apps/web/dist/', import.meta.url))

/** What the list of boards may load, scripts and styles together, after gzip. */
const MAX_LIST_BYTES = 140_000

test('the list of boards loads little', async () => {
  const page = await readFile(join(DIST, 'index.html'), 'utf8')
  // Vite names each static import of the entry there.
  const names = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)]
  const files = await Promise.all(names.map(([, name = '']) => readFile(join(DIST, name))))
  expect(files.length).toBeGreaterThanOrEqual(2)
  const bytes = files.reduce((sum, file) => sum + gzipSync(file).length, 0)
  expect(bytes).toBeLessThan(MAX_LIST_BYTES)
})
