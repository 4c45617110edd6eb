import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseOrigins } from '@mindfuse/service-kit'

/** Where the build of apps/web lies in this repository. */
export const BUILT_WEB_APP = fileURLToPath(new URL('../../../web/dist/', import.meta.url))

const NO_FRAMES = "frame-ancestors 'none'"

/** What stands for the gateway's address in the page, until it is served. */
const REALTIME_URL_MARK = '%REALTIME_URL%'

/** What stands for the pages that may have a board in a frame. */
const EMBED_ORIGINS_MARK = '%EMBED_ORIGINS%'

/** The web app, ready to be served. */
export interface WebApp {
  /** Holds files whose names change with their content. */
  assetsDir: string
  page: string
  /** The same where the address is one of a board: it names what that takes. */
  boardPage: string
  contentSecurityPolicy: string
  /** Origins of the pages that may have a board in a frame. */
  embedOrigins: readonly string[]
}

/**
 * Reads the built web app.
 *
 * @param options.realtimeUrl the gateway's address for browsers, `wss://realtime.example/ws`
 * @param options.embedOrigins a list, as `parseOrigins` takes it
 * @returns undefined where it was not built: an API may run without it
 */
export async function loadWebApp(options: {
  dir: string
  realtimeUrl: string
  embedOrigins?: string | undefined
}): Promise<WebApp | undefined> {
  const { dir, realtimeUrl } = options
  const embedOrigins =
    options.embedOrigins === undefined ? [] : parseOrigins(options.embedOrigins, 'EMBED_ORIGINS')
  const read = async (name: string) => {
    const page = await readFile(join(dir, name), 'utf8')
    return page
      .replace(REALTIME_URL_MARK, realtimeUrl)
      .replace(EMBED_ORIGINS_MARK, embedOrigins.join(' '))
  }
  const pages = await Promise.all([read('index.html'), read('board.html')]).catch((error) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (pages === undefined) return undefined
  const [page, boardPage] = pages
  return {
    assetsDir: join(dir, 'assets'),
    page,
    boardPage,
    contentSecurityPolicy: contentSecurityPolicy(realtimeUrl),
    embedOrigins,
  }
}

/** The headers of a page of the web app, besides those of every answer. */
export function pageHeaders(web: WebApp): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': web.contentSecurityPolicy,
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-cache',
  }
}

/** The same for a board in a frame of another page: only of those that may have one. */
export function framedPageHeaders(web: WebApp): Record<string, string> {
  const ancestors = `frame-ancestors ${web.embedOrigins.join(' ')}`
  return {
    ...pageHeaders(web),
    'content-security-policy': web.contentSecurityPolicy.replace(NO_FRAMES, ancestors),
  }
}

/**
 * Nothing inline and nothing of others, but for the gateway: over WebSocket, and asked why. One for all pages, as the web
 * app goes from lists to boards without loading a page. Excalidraw compiles WebAssembly, in a worker if it can, to put
 * fonts into the pictures that it exports.
 */
function contentSecurityPolicy(realtimeUrl: string): string {
  const { origin } = new URL(realtimeUrl)
  const gateway = `${origin} ${origin.replace(/^ws/, 'http')}`
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "font-src 'self' data:",
    "img-src 'self' data: blob:",
    "worker-src 'self' blob:",
    `connect-src 'self' ${gateway}`,
    "base-uri 'none'",
    "form-action 'self'",
    NO_FRAMES,
  ].join('; ')
}
