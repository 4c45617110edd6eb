import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Browser } from 'playwright-core'
import { WEB_ORIGIN } from '../support/stack.ts'
import type { Client, DrivenClient, Place } from './client.ts'

const BINDINGS = fileURLToPath(new URL('bindings/', import.meta.url))

/** What a page consists of. */
interface Bundle {
  script: string
  style: string
}

/** One binding and what it needs, for a browser. */
async function bundle(binding: string): Promise<Bundle> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { open } from './${binding}.ts'
        window.openClient = async (place) => { window.client = await open(place) }`,
      resolveDir: BINDINGS,
    },
    bundle: true,
    format: 'esm',
    outdir: BINDINGS,
    write: false,
    conditions: ['production'],
    loader: { '.ttf': 'dataurl', '.woff2': 'dataurl', '.wasm': 'binary' },
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.IS_PREACT': '"false"' },
    logLevel: 'error',
  })
  const textOf = (extension: string): string =>
    outputFiles.find(({ path }) => path.endsWith(extension))?.text ?? ''
  return { script: textOf('.js'), style: textOf('.css') }
}

/** Opens clients in pages of a browser, each binding bundled once. */
export function createPages(browser: Browser) {
  const bundles = new Map<string, Promise<Bundle>>()
  const bundleOf = (binding: string) => {
    const known = bundles.get(binding) ?? bundle(binding)
    bundles.set(binding, known)
    return known
  }

  /** A browser of one user, which keeps what its pages store. @param origin of its pages */
  return async function openBrowser(
    binding: string,
    origin = WEB_ORIGIN,
    cookies: ReadonlyMap<string, string> = new Map(),
  ) {
    const { script, style } = await bundleOf(binding)
    // The page is of a public origin, and its gateway on this machine.
    const context = await browser.newContext({ permissions: ['local-network-access'] })
    const html = `<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="/style.css">
      <body><div id="editor" style="width: 900px; height: 600px"></div>
      <script type="module" src="/script.js"></script>`
    const { hostname: domain } = new URL(origin)
    await context.addCookies(
      [...cookies].map(([name, value]) => ({ name, value, domain, path: '/', sameSite: 'Lax' })),
    )
    // A page of an allowed origin, without a server.
    await context.route(`${origin}/**`, async (route) => {
      const { pathname } = new URL(route.request().url())
      if (pathname === '/') await route.fulfill({ body: html, contentType: 'text/html' })
      else if (pathname === '/script.js')
        await route.fulfill({ body: script, contentType: 'text/javascript' })
      else if (pathname === '/style.css')
        await route.fulfill({ body: style, contentType: 'text/css' })
      else await route.fulfill({ status: 404 })
    })
    return {
      close: () => context.close(),
      async open(place: Place): Promise<DrivenClient> {
        const complaints: string[] = []
        const page = await context.newPage()
        page.on('pageerror', (error) => complaints.push(`${error.stack}`))
        page.on('console', (message) => {
          if (message.type() === 'error') complaints.push(message.text())
        })
        await page.goto(origin)
        await page
          .evaluate((at) => (globalThis as any).openClient(at), place)
          .catch((error) => {
            throw new Error(`the page does not open: ${complaints.join('\n')}`, { cause: error })
          })
        const call =
          (method: keyof Client) =>
          (...args: unknown[]) =>
            page.evaluate(([name, given]) => (globalThis as any).client[name](...given), [
              method,
              args,
            ] as [string, unknown[]])
        const methods: readonly (keyof Client)[] = [
          'isConnected',
          'connections',
          'isSynced',
          'write',
          'undo',
          'point',
          'pointers',
          'paste',
          'sweep',
          'sweeps',
          'reports',
          'renew',
        ]
        return {
          ...Object.fromEntries(methods.map((method) => [method, call(method)])),
          shows: (text: string) =>
            page.evaluate((wanted) => (globalThis as any).client.read().includes(wanted), text),
          // As people do, without a goodbye.
          close: () => page.close(),
          complaints: () => complaints,
        } as unknown as DrivenClient
      },
    }
  }
}
