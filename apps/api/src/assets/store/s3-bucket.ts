import { type IncomingMessage, Agent as PlainAgent } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { AwsV4Signer } from 'aws4fetch'
import { exchange } from './exchange.ts'
import { tagOf } from './s3-xml.ts'

const MAX_ATTEMPTS = 5

/** The wait before the second attempt, milliseconds; each further one is twice as long, at most. */
const BACKOFF_MS = 200

/**
 * Connections for answers that people read, at their pace, and for everything else: neither keeps the other waiting.
 * Of the first there are as many as readers: a few who do not read on would keep all others waiting.
 */
const MAX_CONNECTIONS = { reading: Infinity, other: 32 }

/** How long nothing may move on a connection, milliseconds. */
const STALL_MS = 10_000

/** How much of a refusal is read, bytes. */
const MAX_REFUSAL_BYTES = 16 * 1024

/** Answers that say that it may work later. */
const TRANSIENT_STATUSES = [408, 429]

/** Where a bucket is, and who uses it. */
export interface S3BucketOptions {
  /** The origin of the server. */
  endpoint: string
  bucket: string
  region: string
  /** Whether the bucket is in the path; else it is in the host. */
  pathStyle: boolean
  accessKeyId: string
  secretAccessKey: string
  /** How long nothing may move on a connection, milliseconds; 10,000 by default. */
  stallMs?: number
}

/** A request to a bucket. */
export interface S3Request {
  method: 'DELETE' | 'GET' | 'HEAD' | 'PUT'
  /** The key of an object; none for the bucket itself. */
  key?: string
  query?: Record<string, string>
  headers?: Record<string, string>
  /** Opens the body anew for each attempt. */
  body?: () => Readable
  /** The statuses that are no refusal. */
  expected: readonly number[]
  /** Until the answer begins, all attempts and the wait for a connection included, milliseconds. */
  withinMs: number
}

/** A bucket answered with a status that was not expected. */
export class S3Refusal extends Error {
  readonly status: number
  /** As S3 names it, `NoSuchKey`; empty where the answer has none. */
  readonly code: string

  constructor(status: number, code: string) {
    super(`S3 answered ${status}${code && ` ${code}`}`)
    this.status = status
    this.code = code
  }
}

/** A bucket of an S3-compatible server. */
export class S3Bucket {
  readonly #options: S3BucketOptions
  readonly #url: URL
  readonly #agents
  /** Signing keys of the day. */
  readonly #cache = new Map<string, ArrayBuffer>()

  constructor(options: S3BucketOptions) {
    this.#options = options
    this.#url = bucketUrl(options)
    const Agent = this.#url.protocol === 'https:' ? TlsAgent : PlainAgent
    this.#agents = {
      reading: new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS.reading }),
      other: new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS.other }),
    }
  }

  /**
   * Sends a request until it is answered and the answer is read, so it has to be one that may be repeated.
   * @throws S3Refusal for a status that is not expected
   */
  async send<T>(request: S3Request, read: (answer: IncomingMessage) => Promise<T>): Promise<T> {
    const endsAt = performance.now() + request.withinMs
    for (let attempt = 1; ; attempt++) {
      try {
        return await read(await this.#attempt(request, endsAt - performance.now()))
      } catch (error) {
        const waitMs = BACKOFF_MS * 2 ** (attempt - 1) * Math.random()
        const isLast = attempt === MAX_ATTEMPTS || performance.now() + waitMs >= endsAt
        if (isLast || !mayWorkLater(error)) throw error
        await sleep(waitMs)
      }
    }
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy()
  }

  async #attempt(request: S3Request, withinMs: number): Promise<IncomingMessage> {
    const { method, body, expected } = request
    const { url, headers } = await this.#sign(request)
    const agent = method === 'GET' ? this.#agents.reading : this.#agents.other
    const times = { withinMs, stallMs: this.#options.stallMs ?? STALL_MS }
    const answer = await exchange({ url, method, headers, agent, body: body?.(), ...times })
    const { statusCode = 0 } = answer
    if (expected.includes(statusCode)) return answer
    throw new S3Refusal(statusCode, tagOf(await readStart(answer), 'Code') ?? '')
  }

  async #sign({ method, key = '', query = {}, headers = {} }: S3Request) {
    const url = new URL(this.#url)
    url.pathname += key
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    const { accessKeyId, secretAccessKey, region } = this.#options
    const signed = await new AwsV4Signer({
      ...{ method, url: url.href, headers, accessKeyId, secretAccessKey, region },
      ...{ service: 's3', cache: this.#cache },
    }).sign()
    return { url: signed.url, headers: Object.fromEntries(signed.headers) }
  }
}

/** Where the bucket is; keys follow. */
export function bucketUrl({ endpoint, bucket, pathStyle }: S3BucketOptions): URL {
  const url = new URL(endpoint)
  if (pathStyle) url.pathname = `/${bucket}/`
  else url.hostname = `${bucket}.${url.hostname}`
  return url
}

/** Connections that break, stall or cannot be made do; a file to send that is gone stays so. */
function mayWorkLater(error: unknown): boolean {
  if (!(error instanceof S3Refusal)) return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  return error.status >= 500 || TRANSIENT_STATUSES.includes(error.status)
}

async function readStart(answer: IncomingMessage): Promise<string> {
  let text = ''
  try {
    for await (const chunk of answer.setEncoding('utf8')) {
      text += chunk
      if (text.length > MAX_REFUSAL_BYTES) break
    }
    return text
  } catch {
    // The status says enough.
    return text
  }
}
