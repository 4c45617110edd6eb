import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type {
  AssetBytes,
  AssetKey,
  AssetStore,
  ByteRange,
  ListedAsset,
  ReceivedFile,
} from './asset-store.ts'
import { openTemporaryIncoming, removeAbandoned } from './incoming.ts'
import { keyOf, pathOf } from './key-names.ts'
import { reaching, unreachable } from './reaching.ts'
import { resumable } from './resumable.ts'
import { S3Bucket, type S3BucketOptions, S3Refusal, type S3Request } from './s3-bucket.ts'
import { readListing } from './s3-xml.ts'

/** What a file may take until it is stored, and anything else until its answer begins, milliseconds. */
const PUT_WITHIN_MS = 120_000
const ANSWER_WITHIN_MS = 30_000

/** How much of a file that is being sent is in memory: of two hundred at once it counts. */
const PIECE_BYTES = 16 * 1024

/** Objects of a page of {@link S3Store.list}: the most that S3 lists at a time. */
const PAGE_SIZE = 1_000

/** Where a store's objects are. */
export interface S3StoreOptions extends S3BucketOptions {
  /** What their names begin with. */
  prefix: string
}

/**
 * Opens a store in a bucket, which has to exist; it need not answer yet. Files are received in the system's temporary
 * directory.
 * @throws StartupError where that cannot be used
 */
export async function openS3Store(options: S3StoreOptions): Promise<AssetStore> {
  return new S3Store(options, await openTemporaryIncoming())
}

/** Assets as objects of a bucket. */
class S3Store implements AssetStore {
  readonly incoming: string
  readonly #bucket: S3Bucket
  readonly #prefix: string

  constructor(options: S3StoreOptions, incoming: string) {
    this.incoming = incoming
    this.#bucket = new S3Bucket(options)
    this.#prefix = options.prefix
  }

  async put(key: AssetKey, file: ReceivedFile): Promise<void> {
    try {
      await reaching('store an asset', async () => {
        const request: S3Request = {
          method: 'PUT',
          key: this.#nameOf(key),
          headers: {
            'content-length': `${file.bytes}`,
            'content-type': 'application/octet-stream',
            // Signed, and compared by the server with what has arrived.
            'x-amz-content-sha256': key.digest,
          },
          body: () => createReadStream(file.path, { highWaterMark: PIECE_BYTES }),
          expected: [200],
          withinMs: PUT_WITHIN_MS,
        }
        await this.#bucket.send(request, text)
      })
    } finally {
      await rm(file.path, { force: true })
    }
  }

  async open(key: AssetKey, range?: ByteRange): Promise<AssetBytes | undefined> {
    const { from, to } = range ?? { from: 0, to: '' }
    const answer = await this.#get(key, range && `bytes=${from}-${to}`)
    if (!answer) return undefined
    const next = async (received: number) => {
      const rest = await this.#get(key, `bytes=${from + received}-${to}`)
      if (!rest) throw unreachable('open an asset', new Error('it was removed meanwhile'))
      return rest
    }
    return { stream: resumable(answer, next) }
  }

  async remove(key: AssetKey): Promise<void> {
    await reaching('remove an asset', async () => {
      const name = this.#nameOf(key)
      const request = { method: 'DELETE', key: name, withinMs: ANSWER_WITHIN_MS } as const
      await this.#bucket.send({ ...request, expected: [200, 204] }, text)
    })
  }

  async *list(): AsyncGenerator<ListedAsset[]> {
    try {
      await removeAbandoned(this.incoming)
      for (let token: string | undefined = ''; token !== undefined; ) {
        const { objects, next } = await this.#listFrom(token)
        yield objects.flatMap(({ key: name, writtenAt }) => {
          const [shard = '', file = ''] = name.slice(this.#prefix.length).split('/')
          const key = keyOf(shard, file)
          return key ? [{ key, writtenAt }] : []
        })
        token = next
      }
    } catch (error) {
      throw unreachable('list assets', error)
    }
  }

  async check(): Promise<void> {
    await reaching('be reached', async () => {
      const request = { method: 'HEAD', expected: [200], withinMs: ANSWER_WITHIN_MS } as const
      await this.#bucket.send(request, text)
    })
  }

  async close(): Promise<void> {
    this.#bucket.close()
  }

  #nameOf(key: AssetKey): string {
    return this.#prefix + pathOf(key)
  }

  /** @returns undefined where there is no such object */
  #get(key: AssetKey, range: string | undefined): Promise<IncomingMessage | undefined> {
    return reaching('open an asset', async () => {
      try {
        const request: S3Request = {
          method: 'GET',
          key: this.#nameOf(key),
          headers: range === undefined ? {} : { range },
          expected: [range === undefined ? 200 : 206],
          withinMs: ANSWER_WITHIN_MS,
        }
        return await this.#bucket.send(request, async (answer) => answer)
      } catch (error) {
        if (error instanceof S3Refusal && error.code === 'NoSuchKey') return undefined
        throw error
      }
    })
  }

  async #listFrom(token: string) {
    const query = { 'list-type': '2', 'max-keys': `${PAGE_SIZE}`, prefix: this.#prefix }
    const request: S3Request = {
      method: 'GET',
      query: token === '' ? query : { ...query, 'continuation-token': token },
      expected: [200],
      withinMs: ANSWER_WITHIN_MS,
    }
    return readListing(await this.#bucket.send(request, text))
  }
}
