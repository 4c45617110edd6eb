import { pipeline, type Readable, Transform } from 'node:stream'
import { AssetStoreError } from './store/asset-store.ts'

/**
 * Passes on a source of so many bytes, and breaks where it has others: an answer that promised them would leave its
 * reader waiting for the rest, or go on into the next one.
 */
export function exactly(bytes: number, source: Readable): Readable {
  let left = bytes
  const wrong = () => new AssetStoreError(`the asset store has other than ${bytes} bytes`)
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      left -= chunk.length
      if (left < 0) done(wrong())
      else done(null, chunk)
    },
    flush: (done) => done(left > 0 ? wrong() : null),
  })
  // What breaks one ends the other.
  return pipeline(source, counted, () => undefined)
}
