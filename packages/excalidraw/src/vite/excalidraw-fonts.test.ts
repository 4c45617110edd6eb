import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { type ExcalidrawFontsPlugin, excalidrawFonts } from './excalidraw-fonts.ts'

const dist = dirname(createRequire(import.meta.url).resolve('@excalidraw/excalidraw'))

function openPlugin(base = '/'): ExcalidrawFontsPlugin {
  const plugin = excalidrawFonts()
  plugin.configResolved({ root: import.meta.dirname, base, build: { assetsDir: 'assets' } })
  return plugin
}

async function chunks(): Promise<{ id: string; code: string }[]> {
  const names = (await readdir(dist)).filter((name) => name.endsWith('.js'))
  return Promise.all(
    names.map(async (name) => ({
      id: join(dist, name),
      code: await readFile(join(dist, name), 'utf8'),
    })),
  )
}

test('every font that the code names is served beside it', async () => {
  const plugin = openPlugin('/board/')
  const served: string[] = []
  await plugin.generateBundle.call({ emitFile: ({ fileName }) => void served.push(fileName) })
  const code = (await chunks()).map((chunk) => chunk.code).join('\n')
  const named = [...code.matchAll(/"\.\/(fonts\/[^"]+\.woff2)"/g)].map(([, path]) => path)
  expect(named.length).toBeGreaterThan(200)
  expect(served).toEqual(
    expect.arrayContaining(named.map((path) => expect.stringMatching(`^assets/[^/]+/${path}$`))),
  )
})

test('the server of others is not named any more', async () => {
  const plugin = openPlugin('/board/')
  const changed = (await chunks()).map(({ id, code }) => plugin.transform(code, id)?.code ?? code)
  const all = changed.join('\n')
  expect(all).not.toContain('esm.sh')
  expect(all).toMatch(/new URL\("\/board\/assets\/excalidraw-[\d.]+\/", document\.baseURI\)/)
})

test('an Excalidraw that it does not know fails the build, and other code is left alone', () => {
  const plugin = openPlugin()
  const code = 'x("ASSETS_FALLBACK_URL", elsewhere)'
  const id = '/app/node_modules/@excalidraw/excalidraw/dist/prod/chunk.js'
  expect(() => plugin.transform(code, id)).toThrow('does not know Excalidraw')
  expect(plugin.transform(code, '/app/src/main.js')).toBeUndefined()
})
