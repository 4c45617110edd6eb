import { looksLikeKey, type SessionCookieKind, sessionCookieName } from '@mindfuse/service-kit'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** A session's value and when it ends, for the cookie. */
export interface SessionCookie {
  token: string
  expiresAt: Date
}

/** The cookie that a session lives in. */
export interface SessionCookies {
  readonly name: string
  read(request: FastifyRequest): string | undefined
  set(reply: FastifyReply, session: SessionCookie): void
  clear(reply: FastifyReply): void
}

/** Attributes and name prefix of the API's cookies. Over https they belong to this host alone. */
export function cookieOptions(publicUrl: string) {
  const secure = publicUrl.startsWith('https:')
  return {
    prefix: secure ? '__Host-' : '',
    options: { path: '/', httpOnly: true, secure, sameSite: 'lax' } as const,
  }
}

/** The cookie of people's sessions, or of guests', of an API that is reached at `publicUrl`. */
export function createSessionCookies(publicUrl: string, kind: SessionCookieKind): SessionCookies {
  const { options } = cookieOptions(publicUrl)
  const name = sessionCookieName(kind, { isSecure: options.secure })
  return {
    name,
    read(request) {
      const value = request.cookies[name]
      // A key is a session too, and no cookie: a cookie's value is replaced now and then.
      return value !== undefined && looksLikeKey(value) ? undefined : value
    },
    set: (reply, session) =>
      void reply.setCookie(name, session.token, { ...options, expires: session.expiresAt }),
    clear: (reply) => void reply.clearCookie(name, options),
  }
}
