import type { FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from './errors.ts'
import { whenClosed } from './when-closed.ts'

/** Most downloads and exports of one person at a time; each may be a file of 256 MiB. */
export const MAX_DOWNLOADS_PER_PERSON = 4

/** Most imports of one person at a time, of 16 MiB each: a sender may take 30 s and more for one. */
export const MAX_UPLOADS_PER_PERSON = 8

/** When to try again, seconds. */
const RETRY_AFTER_SECONDS = 5

/** A hook that bounds how many transfers a person has at a time, from the request to the last byte. */
export type TransferLimit = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/**
 * One {@link TransferLimit} for all routes that share it.
 * @param whoOf who has so many, by default the user
 */
export function createTransferLimit(
  what: 'downloads' | 'uploads',
  most: number,
  whoOf: (request: FastifyRequest) => string = ({ user }) => user.id,
): TransferLimit {
  const open = new Map<string, number>()
  return async (request, reply) => {
    const id = whoOf(request)
    const count = open.get(id) ?? 0
    if (count >= most) {
      throw new ApiError(
        429,
        `too_many_${what}`,
        `You have ${most} ${what} in progress; wait for one of them to finish`,
        { retryAfterSeconds: RETRY_AFTER_SECONDS },
      )
    }
    open.set(id, count + 1)
    whenClosed(reply, () => {
      const left = (open.get(id) ?? 1) - 1
      if (left > 0) open.set(id, left)
      else open.delete(id)
    })
  }
}
