import type { FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from './errors.ts'

const ETAG = /^(?:W\/)?"v(\d+)(?:-[\w-]+)?"$/

/**
 * The ETag of a row's version.
 * @param variant of an answer that also changes while the version stays
 */
export function etagOf(version: number, variant?: string): string {
  return variant === undefined ? `"v${version}"` : `"v${version}-${variant}"`
}

/** The version that `If-Match` asks for; undefined without the header or for `*`. */
export function ifMatch(request: FastifyRequest): number | undefined {
  const header = request.headers['if-match']
  if (header === undefined || header.trim() === '*') return undefined
  const [, version] = ETAG.exec(header.trim()) ?? []
  // Some other tag never matches; -1 is no version.
  return version === undefined ? -1 : Number(version)
}

/** @throws ApiError 412 where a version was asked for and it is another one */
export function requireVersion(expected: number | undefined, actual: number): void {
  if (expected === undefined || expected === actual) return
  throw new ApiError(412, 'version_mismatch', 'It has changed since you fetched it; fetch it again')
}

/** Sends `body` with its ETag, or 304 to a client that has it already. */
export function sendTagged<Body>(
  request: FastifyRequest,
  reply: FastifyReply,
  etag: string,
  body: Body,
): FastifyReply {
  reply.header('etag', etag)
  return hasAlready(request, etag) ? reply.code(304).send() : reply.send(body)
}

/** Whether `If-None-Match` names what has this ETag (RFC 9110, 13.1.2: by weak comparison). */
export function hasAlready({ headers }: FastifyRequest, etag: string): boolean {
  const tags = headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags?.some((tag) => tag === '*' || tag === etag) ?? false
}
