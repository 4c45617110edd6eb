import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { Spool, Spooled } from '../documents/spool/spool.ts'
import { ApiError } from '../http/errors.ts'
import { readBody } from '../http/read-body.ts'

/** Largest update that may be imported, bytes. */
export const MAX_IMPORT_BYTES = 16 * 1024 * 1024

/** An update from outside. */
export interface ReceivedImport extends Spooled {
  /** Of its bytes: what tells two requests with one `Idempotency-Key` apart. */
  toJSON(): string
}

/** Receives a body into the spool, so that it takes no memory while it waits for a worker. */
export async function receiveImport(
  request: FastifyRequest,
  payload: IncomingMessage,
  spool: Spool,
): Promise<ReceivedImport> {
  if (Number(request.headers['content-length']) > MAX_IMPORT_BYTES) throw importTooLarge()
  const hash = createHash('sha256')
  let bytes = 0
  async function* hashed() {
    for await (const chunk of readBody(payload)) {
      bytes += chunk.length
      if (bytes > MAX_IMPORT_BYTES) throw importTooLarge()
      hash.update(chunk)
      yield chunk
    }
  }
  const spooled = await spool.write(hashed(), {
    person: request.user.id,
    maxBytes: MAX_IMPORT_BYTES,
  })
  const digest = hash.digest('hex')
  return { ...spooled, toJSON: () => digest }
}

const importTooLarge = () =>
  new ApiError(413, 'payload_too_large', `An import has ${MAX_IMPORT_BYTES} bytes at most`)
