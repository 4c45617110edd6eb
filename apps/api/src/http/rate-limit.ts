import { networkOf } from '@mindfuse/service-kit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from './errors.ts'
import type { LocalRateCounter } from './local-rate-counter.ts'

const WINDOW_MS = 60_000

/** How many requests a minute, by kind. Each kind counts apart from the others. */
export const RATE_LIMITS_PER_MINUTE = {
  /** All requests of a signed-in person. */
  user: 1_200,
  /** Requests without a valid access token, per address. */
  anonymous: 300,
  /** Keys looked up that this instance does not know, per address. */
  keyLookup: 300,
  /** Sign-ins started, per address. */
  signIn: 120,
  /** Access tokens fetched with a session cookie, per address. */
  tokenRefresh: 120,
  /** Invites and links made and memberships offered, per person. */
  inviteCreate: 60,
  /** Keys made, per person: the name of each stays in history. */
  keyCreate: 60,
  /** Names that people and guests give themselves, each: all their open boards are sent it. */
  rename: 60,
  /** Invites previewed or accepted, per person or address: against guessing tokens. */
  inviteUse: 120,
  /** Links to boards previewed or opened, per address: against guessing tokens. */
  linkOpen: 120,
  /** Broadcasts to boards, per person: each is copied to everyone on the board. */
  broadcast: 600,
  /** Whole documents built, exported or put in place, per person: each takes the worker. */
  documentWork: 60,
  /** Files sent to boards, per person. */
  assetUpload: 600,
  /** Thumbnails of boards sent, per person. */
  thumbnail: 300,
  /** Files and thumbnails read by signed addresses, per address: browsers load a page of pictures at once. */
  assetAddress: 6_000,
} as const

/** One of {@link RATE_LIMITS_PER_MINUTE}. */
export type RateLimitKind = keyof typeof RATE_LIMITS_PER_MINUTE

/**
 * Counts a request and reports in the reply's headers how many are left.
 * @throws ApiError 429 with `Retry-After`
 */
export type RateLimit = (
  request: FastifyRequest,
  reply: FastifyReply,
  kind: RateLimitKind,
  /** Who is counted: a user id, or an address, of IPv6 with its network. */
  who: string,
) => void

/** Who has a share of something: guests by their network, as anyone who has a link can be many of them. */
export function sharerOf({ user, ip }: Pick<FastifyRequest, 'user' | 'ip'>): string {
  return user.kind === 'guest' ? networkOf(ip) : user.id
}

/** A hook that counts the requests of each user; for routes that know who makes them. */
export function limitPerUser(rateLimit: RateLimit, kind: RateLimitKind) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    rateLimit(request, reply, kind, sharerOf(request))
  }
}

/**
 * Rate limits over all instances.
 *
 * @param options.factor multiplies every limit; a development server on loopback sets it high
 */
export function createRateLimit(options: { rates: LocalRateCounter; factor: number }): RateLimit {
  const { rates, factor } = options
  return (_request, reply, kind, who) => {
    const limit = RATE_LIMITS_PER_MINUTE[kind] * factor
    const { count, resetsInMs } = rates.increment(`${kind}:${networkOf(who)}`, WINDOW_MS)
    const resetsInSeconds = Math.ceil(resetsInMs / 1_000)
    reply.header('ratelimit-limit', limit)
    reply.header('ratelimit-remaining', Math.max(0, limit - count))
    reply.header('ratelimit-reset', resetsInSeconds)
    if (count <= limit) return
    reply.header('retry-after', resetsInSeconds)
    throw new ApiError(
      429,
      'rate_limited',
      `Rate limit "${kind}" exceeded (${limit} requests a minute); try again in ${resetsInSeconds} s`,
    )
  }
}
