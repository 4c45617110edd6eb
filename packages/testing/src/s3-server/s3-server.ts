import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { S3Fault } from './faults.ts'
import { refusalOf, type S3Account } from './signature.ts'

const HOST = '127.0.0.1'

/** The most that S3 lists at a time. */
const PAGE_SIZE = 1_000

const STATUSES: Record<string, number> = {
  NoSuchBucket: 404,
  NoSuchKey: 404,
  InvalidRange: 416,
  MissingContentLength: 411,
  XAmzContentSHA256Mismatch: 400,
  SlowDown: 503,
  InternalError: 500,
}

interface StoredObject {
  path: string
  bytes: number
  writtenAt: Date
}

/**
 * A server with one bucket that speaks of S3's protocol what keeping files needs: PutObject, GetObject with ranges,
 * DeleteObject, HeadBucket and ListObjectsV2. It checks signatures and digests as strictly as S3, has an object as
 * a whole or not at all, and can fail.
 */
export class S3Server {
  readonly account: S3Account = {
    accessKeyId: 'test-key',
    secretAccessKey: randomUUID(),
    region: 'eu-test-1',
  }
  readonly bucket = 'assets'
  /** What goes wrong with a request; nothing by default. */
  faultOf: (request: IncomingMessage) => S3Fault | undefined = () => undefined
  /** How often each fault happened. */
  readonly faults = new Map<S3Fault, number>()
  readonly #dir: string
  readonly #objects = new Map<string, StoredObject>()
  readonly #listener: RequestListener
  #server: Server | undefined
  #port = 0

  constructor(dir: string) {
    this.#dir = dir
    this.#listener = (request, response) => {
      this.#serve(request, response).catch(() => response.destroy())
    }
  }

  get url(): string {
    return `http://${HOST}:${this.#port}`
  }

  /** The keys that it has. */
  get keys(): string[] {
    return [...this.#objects.keys()].toSorted()
  }

  /** Listens; after {@link stop} on the same port, with the same objects. */
  async listen(): Promise<void> {
    const server = createServer(this.#listener)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, HOST, resolve)
    })
    this.#server = server
    this.#port = (server.address() as AddressInfo).port
  }

  /** Resets every connection and stops listening. */
  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }

  /** Stops, and removes all objects. */
  async close(): Promise<void> {
    await this.stop()
    await rm(this.#dir, { recursive: true })
  }

  /** Puts an object there without a request. */
  async put(key: string, content: string | Buffer): Promise<void> {
    const path = join(this.#dir, randomUUID())
    await pipeline([content], createWriteStream(path))
    const bytes = Buffer.byteLength(content)
    this.#objects.set(key, { path, bytes, writtenAt: new Date() })
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = this.faultOf(request)
    if (fault) this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1)
    const refusal = fault === 'refuse' ? 'SlowDown' : refusalOf(request, this.account)
    if (refusal) return refuse(response.setHeader('connection', 'close'), refusal)
    const { pathname, searchParams } = new URL(request.url ?? '', this.url)
    const [, bucket, ...parts] = decodeURIComponent(pathname).split('/')
    const key = parts.join('/')
    if (bucket !== this.bucket) return refuse(response, 'NoSuchBucket')
    if (request.method === 'PUT' && key) return this.#receive(request, response, key, fault)
    if (fault === 'fail') return refuse(response, 'InternalError')
    if (request.method === 'GET' && key) return this.#send(request, response, key, fault)
    if (fault === 'stall') return
    if (fault === 'cut') return void response.destroy()
    if (request.method === 'DELETE' && key) await this.#remove(key)
    if (fault === 'forget') return void response.destroy()
    if (request.method === 'DELETE' && key) response.writeHead(204).end()
    else if (request.method === 'HEAD' && !key) response.writeHead(200).end()
    else if (request.method === 'GET' && searchParams.get('list-type') === '2') {
      response.setHeader('content-type', 'application/xml').end(this.#list(searchParams))
    } else response.writeHead(405).end()
  }

  async #receive(
    request: IncomingMessage,
    response: ServerResponse,
    key: string,
    fault: S3Fault | undefined,
  ): Promise<void> {
    if (request.headers['content-length'] === undefined) {
      return refuse(response, 'MissingContentLength')
    }
    if (fault === 'stall') return
    const path = join(this.#dir, randomUUID())
    const hash = createHash('sha256')
    let bytes = 0
    try {
      const arriving = new PassThrough()
      arriving.on('data', (chunk: Buffer) => {
        hash.update(chunk)
        bytes += chunk.length
        if (fault === 'cut') request.destroy()
      })
      await pipeline(request, arriving, createWriteStream(path))
    } catch (error) {
      await rm(path, { force: true })
      throw error
    }
    const isWhole = hash.digest('hex') === request.headers['x-amz-content-sha256']
    if (!isWhole || fault === 'fail') {
      await rm(path)
      return refuse(response, isWhole ? 'InternalError' : 'XAmzContentSHA256Mismatch')
    }
    await this.#remove(key)
    this.#objects.set(key, { path, bytes, writtenAt: new Date() })
    if (fault) response.destroy()
    else response.end()
  }

  async #send(
    request: IncomingMessage,
    response: ServerResponse,
    key: string,
    fault: S3Fault | undefined,
  ): Promise<void> {
    const object = this.#objects.get(key)
    if (!object) return refuse(response, 'NoSuchKey')
    const { range } = request.headers
    const [, first = '0', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? []
    const start = Number(first)
    const end = last === '' ? object.bytes - 1 : Math.min(Number(last), object.bytes - 1)
    if (range !== undefined && start > end) return refuse(response, 'InvalidRange')
    response.writeHead(range === undefined ? 200 : 206, {
      'content-length': end - start + 1,
      ...(range !== undefined && { 'content-range': `bytes ${start}-${end}/${object.bytes}` }),
    })
    const sent = fault ? start + Math.floor((end - start) / 2) : end
    if (sent < start) return void response.end()
    const file = createReadStream(object.path, { start, end: sent })
    await pipeline(file, response, { end: false })
    if (fault === 'cut' || fault === 'forget') response.destroy()
    else if (fault === undefined) response.end()
  }

  async #remove(key: string): Promise<void> {
    const object = this.#objects.get(key)
    this.#objects.delete(key)
    if (object) await rm(object.path)
  }

  #list(query: URLSearchParams): string {
    const prefix = query.get('prefix') ?? ''
    const after = query.get('continuation-token') ?? ''
    const size = Math.min(Number(query.get('max-keys') ?? PAGE_SIZE), PAGE_SIZE)
    const rest = this.keys.filter((key) => key.startsWith(prefix) && key > after)
    const page = rest.slice(0, size)
    const isLast = page.length === rest.length
    const contents = page.map((key) => {
      const { bytes, writtenAt } = this.#objects.get(key)!
      return `<Contents><Key>${escapeXml(key)}</Key><LastModified>${writtenAt.toISOString()}</LastModified><Size>${bytes}</Size></Contents>`
    })
    const next = `<NextContinuationToken>${escapeXml(page.at(-1) ?? '')}</NextContinuationToken>`
    return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${this.bucket}</Name><IsTruncated>${!isLast}</IsTruncated>${contents.join('')}${isLast ? '' : next}</ListBucketResult>`
  }
}

/** Starts a server with an empty bucket. */
export async function startS3Server(): Promise<S3Server> {
  const server = new S3Server(await mkdtemp(join(tmpdir(), 'mindfuse-s3-')))
  await server.listen()
  return server
}

function refuse(response: ServerResponse, code: string): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${code}</Message></Error>`
  response.writeHead(STATUSES[code] ?? 403, { 'content-type': 'application/xml' }).end(body)
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}
