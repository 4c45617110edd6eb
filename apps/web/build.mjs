// Builds the web app into dist/, unless it was built from the same sources before: `npm start` runs
// this each time and should not wait for a bundler that has nothing to do.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'

const WEB = fileURLToPath(new URL('.', import.meta.url))
const ROOT = join(WEB, '../..')
const DIST = join(WEB, 'dist')
const STAMP = join(DIST, '.sources')

/** The inputs of the bundle. */
const SOURCES = [
  'apps/web/src',
  'apps/web/index.html',
  'apps/web/vite.config.ts',
  'apps/web/preload-plugin.ts',
  'apps/web/messages-plugin.ts',
  'apps/web/build.mjs',
  'packages/client/src',
  'packages/excalidraw/src',
  'packages/protocol/src',
  'packages/react/src',
  'packages/scene/src',
  'package-lock.json',
]

function* filesOf(path) {
  const below = readdirSync(path, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )
  for (const entry of below) {
    const file = join(path, entry.name)
    if (entry.isDirectory()) yield* filesOf(file)
    else yield file
  }
}

function hashOfSources() {
  const hash = createHash('sha256')
  for (const source of SOURCES) {
    const path = join(ROOT, source)
    const files = /\.\w+$/.test(source) ? [path] : filesOf(path)
    for (const file of files) {
      hash
        .update(`${relative(ROOT, file)}\0`)
        .update(readFileSync(file))
        .update('\0')
    }
  }
  return hash.digest('hex')
}

/** Higher ones take 13 times as long, for 9 % of the bytes. */
const BROTLI_QUALITY = 9

/** The API sends these to browsers that accept brotli, which all do. */
function compress(directory) {
  for (const file of filesOf(directory)) {
    if (!/\.(js|css|svg)$/.test(file)) continue
    const text = readFileSync(file)
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
    }
    writeFileSync(`${file}.br`, brotliCompressSync(text, { params }))
  }
}

const hash = hashOfSources()
if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== hash) {
  process.stderr.write('Building the web app, which takes a minute or so…\n')
  const { build } = await import('vite')
  await build({ root: WEB, logLevel: 'warn' })
  compress(join(DIST, 'assets'))
  // Written last, so that an interrupted build is not taken for a complete one.
  writeFileSync(STAMP, hash)
}
