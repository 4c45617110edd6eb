import net from 'node:net'
import tls from 'node:tls'
import { ResponseReader } from './http-response.ts'

/** Most bytes that are given to the socket at a time: each part that it takes counts as progress. */
const PART_BYTES = 64 * 1024

/** How long a request may take while bytes go on moving, milliseconds: as long as the API allows. */
export const MAX_EXCHANGE_MS = 300_000

/** A complete response. */
export interface HttpAnswer {
  status: number
  /** By their names in small letters. */
  headers: ReadonlyMap<string, string>
  body: Buffer
}

/** An idle connection turned out to be closed before any byte of a response arrived. */
export class StaleConnectionError extends Error {
  override name = 'StaleConnectionError'
}

/** Nothing moved for too long, or all together took too long. */
export class NoAnswerError extends Error {
  override name = 'NoAnswerError'
}

/** The response that a connection waits for. */
interface Exchange {
  reader: ResponseReader
  /** Restarted whenever bytes move. */
  timer: NodeJS.Timeout
  /** By when all of it must have arrived. */
  limit: NodeJS.Timeout
  resolve(answer: HttpAnswer): void
  reject(error: Error): void
}

/** One connection to an origin, for one request at a time. */
export class HttpConnection {
  readonly #socket: net.Socket
  readonly #onClosed: () => void
  #exchange: Exchange | undefined
  #answers = 0
  #isOpen = true

  /** @param onClosed called once no further request can be sent */
  constructor(origin: URL, onClosed: () => void) {
    this.#onClosed = onClosed
    this.#socket = connect(origin)
    this.#socket.setNoDelay(true)
    this.#socket.on('data', (bytes: Buffer) => this.#receive(bytes))
    this.#socket.on('error', (error) => this.#close(error))
    this.#socket.on('end', () => this.#end())
    this.#socket.on('close', () => this.#close(closedError()))
  }

  /** Whether another request can be sent. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /**
   * Sends a request and waits for its response. Rejects with StaleConnectionError if the connection
   * had been closed while it was idle, which only shows now.
   * @param timeoutMs how long it may take until the next bytes are sent or received
   */
  request(head: string, body: Uint8Array | undefined, timeoutMs: number): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const giveUp = () => this.#close(new NoAnswerError('no answer in time'))
      const exchange = {
        reader: new ResponseReader(),
        timer: setTimeout(giveUp, timeoutMs),
        limit: setTimeout(giveUp, MAX_EXCHANGE_MS),
        resolve,
        reject,
      }
      this.#exchange = exchange
      this.#socket.ref()
      const bytes = body ? Buffer.concat([Buffer.from(head, 'latin1'), body]) : Buffer.from(head)
      this.#send(bytes, exchange)
    })
  }

  /** Sends in parts, so that a slow line is not taken for one that has failed. */
  #send(bytes: Buffer, exchange: Exchange): void {
    this.#socket.write(bytes.subarray(0, PART_BYTES), () => {
      if (this.#exchange !== exchange) return
      exchange.timer.refresh()
      if (bytes.length > PART_BYTES) this.#send(bytes.subarray(PART_BYTES), exchange)
    })
  }

  /** Ends the connection; a pending request fails. */
  close(): void {
    this.#close(closedError())
  }

  #receive(bytes: Buffer): void {
    // No request is pending: these bytes must not become the beginning of the next response.
    if (!this.#exchange) {
      this.#close(closedError())
      return
    }
    this.#exchange.timer.refresh()
    try {
      if (this.#exchange.reader.read(bytes)) this.#settle(this.#exchange)
    } catch (error) {
      this.#close(error as Error)
    }
  }

  /** The server sends no more: some responses end that way. */
  #end(): void {
    if (this.#exchange?.reader.end()) this.#settle(this.#exchange)
    this.#close(closedError())
  }

  #settle({ reader, timer, limit, resolve }: Exchange): void {
    clearTimeout(timer)
    clearTimeout(limit)
    this.#exchange = undefined
    this.#answers++
    // An idle connection keeps no process alive.
    if (reader.keepsOpen && this.#isOpen) this.#socket.unref()
    else this.#close(closedError())
    resolve({ status: reader.status, headers: reader.headers, body: reader.body })
  }

  #close(error: Error): void {
    const exchange = this.#exchange
    if (this.#isOpen) {
      this.#isOpen = false
      this.#socket.destroy()
      this.#onClosed()
    }
    if (!exchange) return
    clearTimeout(exchange.timer)
    clearTimeout(exchange.limit)
    this.#exchange = undefined
    const isStale = this.#answers > 0 && !exchange.reader.hasBegun && isClosed(error)
    exchange.reject(isStale ? new StaleConnectionError(error.message, { cause: error }) : error)
  }
}

function connect({ protocol, hostname, port }: URL): net.Socket {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (protocol !== 'https:') return net.connect({ host, port: Number(port) || 80 })
  // The name in the certificate; addresses have none.
  const servername = net.isIP(host) ? {} : { servername: host }
  return tls.connect({ host, port: Number(port) || 443, ...servername })
}

function closedError(): NodeJS.ErrnoException {
  return Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' })
}

function isClosed({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE'
}
