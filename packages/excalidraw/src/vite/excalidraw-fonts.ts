import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, posix, relative, sep } from 'node:path'

/** Where Excalidraw finds its fonts, unless the page says otherwise: on a server of others. */
const FALLBACK = /(["']ASSETS_FALLBACK_URL["'],\s*)`https:\/\/esm\.sh\/.*?\/dist\/(?:prod|dev)\/`/

/** As much of a plugin of Vite as this one is, so that it is one for every version. */
export interface ExcalidrawFontsPlugin {
  name: string
  apply: 'build'
  configResolved(config: { root: string; base: string; build: { assetsDir: string } }): void
  transform(code: string, id: string): { code: string; map: null } | undefined
  generateBundle(this: { emitFile(file: EmittedAsset): unknown }): Promise<void>
}

interface EmittedAsset {
  type: 'asset'
  fileName: string
  source: Uint8Array
}

/**
 * Serves the fonts of Excalidraw from where the app is, in chunks that are loaded when a text needs them, in place of
 * a server of others: a page with `font-src 'self'; connect-src 'self'` has them all, and its console is clean.
 *
 * @example
 * ```ts
 * // vite.config.ts
 * import { excalidrawFonts } from '@mindfuse/excalidraw/vite'
 * import { defineConfig } from 'vite'
 *
 * export default defineConfig({ plugins: [excalidrawFonts()] })
 * ```
 */
export function excalidrawFonts(): ExcalidrawFontsPlugin {
  let base = '/'
  let dir = ''
  let excalidraw = { fonts: '', version: '' }
  return {
    name: 'mindfuse:excalidraw-fonts',
    apply: 'build',
    configResolved(config) {
      excalidraw = findExcalidraw(config.root)
      base = config.base
      // Names of fonts are the same from version to version, and caches keep them for ever.
      dir = posix.join(config.build.assetsDir, `excalidraw-${excalidraw.version}`)
    },
    transform(code, id) {
      if (!id.includes('@excalidraw/excalidraw/dist/')) return undefined
      if (!code.includes('ASSETS_FALLBACK_URL')) return undefined
      const ours = `new URL(${JSON.stringify(`${base}${dir}/`)}, document.baseURI)`
      const changed = code.replace(FALLBACK, (_, name: string) => `${name}${ours}`)
      if (changed === code) {
        throw new Error(`excalidrawFonts does not know Excalidraw ${excalidraw.version}`)
      }
      return { code: changed, map: null }
    },
    async generateBundle() {
      for (const path of await filesIn(excalidraw.fonts)) {
        const source = await readFile(join(excalidraw.fonts, path))
        this.emitFile({ type: 'asset', fileName: posix.join(dir, 'fonts', path), source })
      }
    },
  }
}

/** The package that an app has. */
function findExcalidraw(root: string): { fonts: string; version: string } {
  const require = createRequire(join(root, 'package.json'))
  const dist = dirname(require.resolve('@excalidraw/excalidraw'))
  const { version } = require(join(dist, '../../package.json')) as { version: string }
  return { fonts: join(dist, 'fonts'), version }
}

async function filesIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(dir, join(parentPath, name)).split(sep).join('/'))
}
