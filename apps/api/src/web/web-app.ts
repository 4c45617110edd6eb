import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the build of apps/web lies in this repository. */
export const BUILT_WEB_APP = fileURLToPath(new URL('../../../web/dist/', import.meta.url))

/** What stands for the gateway's address in the page, until it is served. */
const REALTIME_URL_MARK = '%REALTIME_URL%'

/** The web app, ready to be served. */
export interface WebApp {
  /** Holds files whose names change with their content. */
  assetsDir: string
  page: string
  contentSecurityPolicy: string
}

/**
 * Reads the built web app.
 *
 * @param options.realtimeUrl the gateway's address for browsers, `wss://realtime.example/ws`
 * @returns undefined where it was not built: an API may run without it
 */
export async function loadWebApp(options: {
  dir: string
  realtimeUrl: string
}): Promise<WebApp | undefined> {
  const { dir, realtimeUrl } = options
  const page = await readFile(join(dir, 'index.html'), 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (page === undefined) return undefined
  return {
    assetsDir: join(dir, 'assets'),
    page: page.replace(REALTIME_URL_MARK, realtimeUrl),
    contentSecurityPolicy: contentSecurityPolicy(realtimeUrl),
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

/** Nothing inline and nothing of others, but for the gateway: over WebSocket, and asked why. */
function contentSecurityPolicy(realtimeUrl: string): string {
  const { origin } = new URL(realtimeUrl)
  const gateway = `${origin} ${origin.replace(/^ws/, 'http')}`
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    `connect-src 'self' ${gateway}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}
