import type { FastifyRequest } from 'fastify'
import { ApiError } from './errors.ts'

/**
 * Refuses unsafe requests that another site made the browser send, on routes that go by a cookie:
 * Fetch Metadata where the browser sends it, else Origin, as OWASP's CSRF sheet has it. A request
 * with neither comes from no browser.
 *
 * @param allowedOrigins the web app's origins and the API's own
 * @throws ApiError 403
 */
export function refuseCrossSite(request: FastifyRequest, allowedOrigins: readonly string[]): void {
  const { origin } = request.headers
  if (origin !== undefined && allowedOrigins.includes(origin)) return
  const site = request.headers['sec-fetch-site']
  if (site === undefined ? origin === undefined : site === 'same-origin' || site === 'none') return
  throw new ApiError(403, 'cross_site_request', 'This request came from another site')
}
