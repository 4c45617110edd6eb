import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { cookieOptions } from '../auth/session-cookie.ts'
import { DEFAULT_PROVIDER_ID } from '../identity-providers.ts'

/** How long a sign-in may take from start to callback, seconds: people find a password, or a phone. */
const SIGN_IN_TTL_SECONDS = 60 * 60

/** Sign-ins that are pending in one browser; one more takes the place of the oldest. */
export const MAX_PENDING_SIGN_INS = 5

/**
 * Longest path to return to, encoded. With it the cookies of {@link MAX_PENDING_SIGN_INS} fit the
 * 8 KiB that nginx takes of one header.
 */
const MAX_RETURN_TO_BYTES = 1_024

const STATE = /^[\w-]{22}$/
/** When it began, the verifier, the provider unless it is the default one, and where to return to. */
const VALUE = /^(\d{1,15})\.([\w-]{43})(?:~([a-z][a-z0-9-]*))?\.(.*)$/s

/** A sign-in between its start and its callback. */
export interface PendingSignIn {
  /** Names it, and proves that the browser that returns is the one that started. */
  state: string
  /** Redeems the code (PKCE, RFC 7636). */
  codeVerifier: string
  /** The id of the provider that it started with: another one must not end it (RFC 9207). */
  provider: string
  /** The path in the web app to go to afterwards. */
  returnTo: string | undefined
}

/** The sign-ins that are pending in a browser. */
export interface PendingSignIns {
  start(
    request: FastifyRequest,
    reply: FastifyReply,
    start: Pick<PendingSignIn, 'provider' | 'returnTo'>,
  ): PendingSignIn
  /**
   * The sign-in with this state at this provider, once; undefined if this browser did not start it, or long
   * ago.
   */
  take(
    request: FastifyRequest,
    reply: FastifyReply,
    end: { provider: string; state: string | undefined },
  ): PendingSignIn | undefined
}

/**
 * Keeps each pending sign-in in a cookie of its own, named by its state: tabs that sign in at the
 * same time must not overwrite each other's.
 */
export function createPendingSignIns(publicUrl: string): PendingSignIns {
  const { prefix, options } = cookieOptions(publicUrl)
  const cookies = `${prefix}mindfuse_sign_in_`

  const dropOldest = (request: FastifyRequest, reply: FastifyReply): void => {
    Object.entries(request.cookies)
      .filter(([name]) => name.startsWith(cookies))
      .map(([name, value]) => ({ name, startedAt: Number(VALUE.exec(value ?? '')?.[1] ?? 0) }))
      .sort((a, b) => b.startedAt - a.startedAt)
      .slice(MAX_PENDING_SIGN_INS - 1)
      .forEach(({ name }) => {
        reply.clearCookie(name, options)
      })
  }

  return {
    start(request, reply, { provider, returnTo = '' }) {
      dropOldest(request, reply)
      const state = randomBytes(16).toString('base64url')
      const codeVerifier = randomBytes(32).toString('base64url')
      const isShort = encodeURIComponent(returnTo).length <= MAX_RETURN_TO_BYTES
      const place = provider === DEFAULT_PROVIDER_ID ? '' : `~${provider}`
      const value = `${Date.now()}.${codeVerifier}${place}.${isShort ? returnTo : ''}`
      reply.setCookie(cookies + state, value, { ...options, maxAge: SIGN_IN_TTL_SECONDS })
      return { state, codeVerifier, provider, returnTo }
    },

    take(request, reply, { provider, state = '' }) {
      if (!STATE.test(state)) return undefined
      const [, startedAt, codeVerifier, startedWith = DEFAULT_PROVIDER_ID, returnTo] =
        VALUE.exec(request.cookies[cookies + state] ?? '') ?? []
      if (!codeVerifier) return undefined
      reply.clearCookie(cookies + state, options)
      if (Date.now() - Number(startedAt) > SIGN_IN_TTL_SECONDS * 1_000) return undefined
      return startedWith === provider ? { state, codeVerifier, provider, returnTo } : undefined
    },
  }
}
