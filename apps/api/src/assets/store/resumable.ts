import { Readable } from 'node:stream'

const MAX_RESUMES = 4

/**
 * The bytes of `first`, and where it fails those of `next` from there on.
 * @param next opens what follows so many bytes
 */
export function resumable(
  first: Readable,
  next: (received: number) => Promise<Readable>,
): Readable {
  let source = first
  const stream = Readable.from(chunks(), { objectMode: false })
  // What is destroyed before it was read never ran.
  stream.once('close', () => source.destroy())
  return stream

  async function* chunks(): AsyncGenerator<Buffer> {
    let received = 0
    for (let resumes = 0; ; resumes++) {
      try {
        for await (const chunk of source) {
          received += chunk.length
          yield chunk
        }
        return
      } catch (error) {
        if (stream.destroyed || resumes === MAX_RESUMES) throw error
        source = await next(received)
      }
    }
  }
}
