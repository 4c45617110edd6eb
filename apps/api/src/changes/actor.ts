import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import type { TraceContext } from '@mindfuse/service-kit'
import type { FastifyRequest } from 'fastify'
import { ApiError } from '../http/errors.ts'

/** As draft-ietf-httpapi-idempotency-key-header has it. */
const IDEMPOTENCY_HEADER = 'idempotency-key'
const MAX_IDEMPOTENCY_KEY_LENGTH = 255

/** Longest `User-Agent` that is kept, characters: real ones have at most 300, a header may have 16,384. */
const MAX_USER_AGENT_LENGTH = 512

/** The actor in the audit log where it is no person, or one whose account was deleted. */
export const NOBODY = '00000000-0000-0000-0000-000000000000'

/** From where a request comes. */
export interface Client {
  /** Null where a proxy reports something that is no address. */
  ip: string | null
  /** Cut where it is too long. */
  userAgent: string | null
  requestId: string
  /** Of the request, where it is traced: what it changes is delivered in the same trace. */
  trace?: TraceContext | undefined
  /** Called where what was removed may not be gone everywhere when the request is answered. */
  onUnconfirmed?: () => void
}

/** Who does something, and from where. */
export interface Actor extends Client {
  userId: string
  sessionId: string
  /** Set where the request has an `Idempotency-Key`. */
  idempotency: { key: string; fingerprint: string } | undefined
  /** In whose turn it is done, where that is not the person. */
  turn?: string
  /** What many people may change at once, who wait for its lock: they take turns too. */
  crowd?: string
  /** Whether it takes rights from people, and so goes first. */
  isUrgent?: boolean
}

/** Who signs in: only the transaction knows their id. They have it in what it records. */
export interface Newcomer extends Client {
  userId?: undefined
  idempotency?: undefined
  turn: string
  crowd: string
  isUrgent?: undefined
}

/** From where this request comes. */
export function clientOf(request: FastifyRequest): Client {
  return {
    ip: isIP(request.ip) ? request.ip : null,
    userAgent: request.headers['user-agent']?.slice(0, MAX_USER_AGENT_LENGTH) ?? null,
    requestId: request.id,
    trace: request.trace,
    onUnconfirmed() {
      request.isConfirmed = false
    },
  }
}

/**
 * Who makes this request. `Idempotency-Key` counts on every POST.
 * @throws ApiError 400 for a key that is empty or too long
 */
export function actorOf(request: FastifyRequest): Actor {
  return {
    userId: request.user.id,
    sessionId: request.sessionId,
    ...clientOf(request),
    idempotency: request.method === 'POST' ? idempotencyOf(request) : undefined,
    isUrgent: request.routeOptions.config.isUrgent === true,
  }
}

function idempotencyOf(request: FastifyRequest): Actor['idempotency'] {
  const key = request.headers[IDEMPOTENCY_HEADER]
  if (key === undefined) return undefined
  if (typeof key !== 'string' || key === '' || key.length > MAX_IDEMPOTENCY_KEY_LENGTH) {
    throw new ApiError(400, 'invalid_idempotency_key', 'Idempotency-Key has 1 to 255 characters')
  }
  const { body } = request
  const fingerprint = createHash('sha256')
    .update(`${request.method} ${request.url}\n`)
    .update(Buffer.isBuffer(body) ? body : JSON.stringify(body ?? null))
    .digest('hex')
  return { key, fingerprint }
}
