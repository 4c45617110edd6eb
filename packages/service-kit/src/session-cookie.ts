import { createHash } from 'node:crypto'

/** Ties a cookie to exactly this host, over https (RFC 6265bis, 4.1.3.2). */
const HOST_PREFIX = '__Host-'

/** Whose session a cookie is: a person's, or that of a guest, who has one in each browser. */
export type SessionCookieKind = 'session' | 'guest'

/**
 * A session cookie in a `Cookie` header. A value is 256 bits in base64url: any other is no session's, and
 * nobody is asked about it.
 */
const SESSION_COOKIE = /(?:^|;)\s*((?:__Host-)?mindfuse_(?:session|guest))=([\w-]{43})\s*(?=;|$)/g

/** A session cookie that a request carried. */
export interface SentSessionCookie {
  name: string
  /** The hash of its value: see {@link hashSessionToken}. */
  hash: string
}

/** The name of the cookie that a session lives in. */
export function sessionCookieName(
  kind: SessionCookieKind,
  { isSecure }: { isSecure: boolean },
): string {
  return `${isSecure ? HOST_PREFIX : ''}mindfuse_${kind}`
}

/**
 * The session cookies of a `Cookie` header, the first of each name. Only the API knows which of the names
 * counts. Their values are hashed at once, so that none reaches a log or another service.
 */
export function readSessionCookies(header: string): SentSessionCookie[] {
  const found = new Map<string, SentSessionCookie>()
  for (const [, name = '', value = ''] of header.matchAll(SESSION_COOKIE)) {
    if (!found.has(name)) found.set(name, { name, hash: hashSessionToken(value) })
  }
  return [...found.values()]
}

/** What is kept of a session's value: its SHA-256 in hex. */
export function hashSessionToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
