/** Largest head of a response, bytes: Node's own limit. */
const MAX_HEAD_BYTES = 16 * 1024

/** Longest line between chunks, bytes. */
const MAX_LINE_BYTES = 1024

const NOTHING = Buffer.alloc(0)

/** The bytes are no HTTP/1.1 response. */
export class MalformedResponseError extends Error {
  override name = 'MalformedResponseError'
}

/** The part that is read next. */
type Part = 'head' | 'bytes' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'until-close'

/**
 * Reads one response as its bytes arrive. Strict where leniency would mean guessing where the response
 * ends: anything ambiguous ends the connection.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-6
 */
export class ResponseReader {
  #part: Part = 'head'
  /** Bytes that are not parsed yet. */
  #rest: Buffer = NOTHING
  readonly #body: Buffer[] = []
  /** Missing bytes of the body, or of the chunk. */
  #left = 0
  #isDone = false
  #status = 0
  #keepsOpen = true
  #headers: ReadonlyMap<string, string> = new Map()

  /** Whether any byte has arrived. */
  get hasBegun(): boolean {
    return this.#status > 0 || this.#rest.length > 0
  }

  get status(): number {
    return this.#status
  }

  /** By their names in small letters. */
  get headers(): ReadonlyMap<string, string> {
    return this.#headers
  }

  /** The body, once it is complete. */
  get body(): Buffer {
    return Buffer.concat(this.#body)
  }

  /** Whether another request may follow on the connection. */
  get keepsOpen(): boolean {
    return this.#keepsOpen
  }

  /** @returns whether the response is complete. @throws MalformedResponseError */
  read(bytes: Buffer): boolean {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    let goesOn = true
    while (goesOn && !this.#isDone) goesOn = this.#step()
    if (this.#isDone && this.#rest.length > 0) throw malformed('bytes after the response')
    return this.#isDone
  }

  /** The connection has ended. @returns whether the response is there: some end that way */
  end(): boolean {
    return this.#isDone || this.#part === 'until-close'
  }

  /** @returns whether there was enough for it */
  #step(): boolean {
    switch (this.#part) {
      case 'head': {
        const head = this.#take('\r\n\r\n', MAX_HEAD_BYTES)
        if (head !== undefined) this.#begin(head)
        return head !== undefined
      }
      case 'bytes':
      case 'chunk': {
        const taken = this.#rest.subarray(0, this.#left)
        this.#body.push(taken)
        this.#rest = this.#rest.subarray(taken.length)
        this.#left -= taken.length
        if (this.#left > 0) return false
        if (this.#part === 'chunk') this.#part = 'chunk-end'
        else this.#isDone = true
        return true
      }
      case 'chunk-end': {
        const line = this.#take('\r\n', MAX_LINE_BYTES)
        if (line === undefined) return false
        if (line !== '') throw malformed('a chunk is longer than it says')
        this.#part = 'chunk-size'
        return true
      }
      case 'chunk-size': {
        const line = this.#take('\r\n', MAX_LINE_BYTES)
        if (line === undefined) return false
        const [, size] = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(line) ?? []
        if (size === undefined) throw malformed('a chunk without a size')
        this.#left = Number.parseInt(size, 16)
        this.#part = this.#left > 0 ? 'chunk' : 'trailer'
        return true
      }
      case 'trailer': {
        const line = this.#take('\r\n', MAX_LINE_BYTES)
        this.#isDone = line === ''
        return line !== undefined
      }
      case 'until-close':
        this.#body.push(this.#rest)
        this.#rest = NOTHING
        return false
    }
  }

  /** Consumes the bytes up to a separator, and the separator; undefined while that is missing. */
  #take(separator: string, maxBytes: number): string | undefined {
    const end = this.#rest.indexOf(separator)
    if (end > maxBytes || (end < 0 && this.#rest.length > maxBytes)) throw malformed('too long')
    if (end < 0) return undefined
    const text = this.#rest.toString('latin1', 0, end)
    this.#rest = this.#rest.subarray(end + separator.length)
    return text
  }

  #begin(head: string): void {
    const [statusLine = '', ...lines] = head.split('\r\n')
    const [, status] = /^HTTP\/1\.1 ([1-9]\d\d)(?: |$)/.exec(statusLine) ?? []
    if (!status) throw malformed('no HTTP/1.1')
    this.#status = Number(status)
    // Something that comes before the response, such as 103.
    if (this.#status < 200) return
    const headers = readHeaders(lines)
    this.#headers = headers
    this.#keepsOpen = headers.get('connection')?.toLowerCase() !== 'close'
    this.#frame(headers.get('transfer-encoding'), headers.get('content-length'))
  }

  /** How long the body is. */
  #frame(encoding: string | undefined, length: string | undefined): void {
    if (encoding !== undefined) {
      if (encoding.toLowerCase() !== 'chunked' || length !== undefined) {
        throw malformed('unclear where the body ends')
      }
      this.#part = 'chunk-size'
    } else if (this.#status === 204 || this.#status === 304) {
      this.#isDone = true
    } else if (length === undefined) {
      this.#part = 'until-close'
      this.#keepsOpen = false
    } else {
      if (!/^\d{1,15}$/.test(length)) throw malformed('no length')
      this.#part = 'bytes'
      this.#left = Number(length)
    }
  }
}

/** Headers by their names in small letters. */
function readHeaders(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>()
  for (const line of lines) {
    const [, name, value] = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
    if (name === undefined || value === undefined) throw malformed('a header without a name')
    const known = headers.get(name.toLowerCase())
    headers.set(name.toLowerCase(), known === undefined ? value : `${known}, ${value}`)
  }
  return headers
}

function malformed(problem: string): MalformedResponseError {
  return new MalformedResponseError(`malformed response: ${problem}`)
}
