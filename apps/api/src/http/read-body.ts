import type { Readable } from 'node:stream'

/**
 * Reads a body in pieces. Where its reader stops early, the connection stays open for the refusal, and the rest is
 * read and dropped: Node does that only to a body of which nothing was read, and would wait for ever.
 */
export async function* readBody(body: Readable): AsyncGenerator<Buffer> {
  try {
    yield* body.iterator({ destroyOnReturn: false })
  } finally {
    body.resume()
  }
}
