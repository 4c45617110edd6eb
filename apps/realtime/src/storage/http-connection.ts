import net from 'node:net'
import tls from 'node:tls'
import { ResponseReader } from './http-response.ts'

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

/** A response took too long. */
export class NoAnswerError extends Error {
  override name = 'NoAnswerError'
}

/** The response that a connection waits for. */
interface Exchange {
  reader: ResponseReader
  timer: NodeJS.Timeout
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
   * @param timeoutMs how long the whole response may take
   */
  request(head: string, body: Uint8Array | undefined, timeoutMs: number): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#close(new NoAnswerError('no answer in time')), timeoutMs)
      this.#exchange = { reader: new ResponseReader(), timer, resolve, reject }
      this.#socket.ref()
      this.#socket.write(body ? Buffer.concat([Buffer.from(head, 'latin1'), body]) : head)
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

  #settle({ reader, timer, resolve }: Exchange): void {
    clearTimeout(timer)
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
