import type { OriginCheck } from '@mindfuse/service-kit'
import type { FastifyRequest } from 'fastify'
import { ApiError } from './errors.ts'

/**
 * Refuses unsafe requests that another site made the browser send, on routes that go by a cookie:
 * Fetch Metadata where the browser sends it, else Origin, as OWASP's CSRF sheet has it. A request
 * with neither comes from no browser.
 *
 * @param allowsOrigin whether an origin is the web app's or the API's own
 * @throws ApiError 403
 */
export function refuseCrossSite(request: FastifyRequest, allowsOrigin: OriginCheck): void {
  const { origin } = request.headers
  if (origin !== undefined && allowsOrigin(origin)) return
  const site = request.headers['sec-fetch-site']
  if (site === undefined ? origin === undefined : site === 'same-origin' || site === 'none') return
  throw new ApiError(403, 'cross_site_request', 'This request came from another site')
}
