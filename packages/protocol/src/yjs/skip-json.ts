import { ByteReader } from './byte-reader.ts'
import { MAX_VALUE_DEPTH } from './limits.ts'

/**
 * Skips a string of JSON and checks that `JSON.parse` accepts it, without parsing. Stricter in one way:
 * nesting is bounded, because `JSON.stringify` recurses.
 *
 * @returns whether it is `null`
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
export function skipJson(reader: ByteReader): boolean {
  const length = reader.varUint()
  const start = reader.offset
  reader.skipString(length)
  return checkJson(reader, start)
}

/** Like `skipJson`, but also accepts `undefined`, which Yjs writes in an array of JSON. */
export function skipJsonOrUndefined(reader: ByteReader): void {
  const length = reader.varUint()
  const start = reader.offset
  reader.skipString(length)
  if (!reader.matches(start, 'undefined')) checkJson(reader, start)
}

/**
 * Checks the text between `start` and the reader's offset, which is known to be UTF-8.
 *
 * @returns whether it is `null`
 */
function checkJson(reader: ByteReader, start: number): boolean {
  const scanner = new JsonScanner(reader, start)
  const first = scanner.value(0)
  scanner.end()
  return first === N
}

/** `null` is the only value that begins with an n. */
const N = 0x6e

/** Reads past the end as -1, which no rule accepts. */
class JsonScanner {
  /** As {@link ByteReader.ALIVE}. */
  static readonly ALIVE = new JsonScanner(ByteReader.ALIVE, 0)
  readonly #reader: ByteReader
  readonly #end: number
  #offset: number

  constructor(reader: ByteReader, start: number) {
    this.#reader = reader
    this.#offset = start
    this.#end = reader.offset
  }

  /** One value and the white space around it. @returns the byte it begins with */
  value(depth: number): number {
    const first = this.#nextToken()
    switch (first) {
      case 0x22: // "
        this.#string()
        break
      case 0x7b: // {
        this.#object(depth)
        break
      case 0x5b: // [
        this.#array(depth)
        break
      case 0x74:
        this.#literal('true')
        break
      case 0x66:
        this.#literal('false')
        break
      case N:
        this.#literal('null')
        break
      default:
        this.#number()
    }
    this.#skipSpace()
    return first
  }

  end(): void {
    if (this.#offset !== this.#end) this.#fail()
  }

  #object(depth: number): void {
    this.#enter(depth)
    if (this.#nextToken() === 0x7d) {
      this.#offset++
      return
    }
    for (;;) {
      if (this.#nextToken() !== 0x22) this.#fail()
      this.#string()
      if (this.#nextToken() !== 0x3a) this.#fail()
      this.#offset++
      this.value(depth + 1)
      if (this.#closes(0x7d)) return
    }
  }

  #array(depth: number): void {
    this.#enter(depth)
    if (this.#nextToken() === 0x5d) {
      this.#offset++
      return
    }
    for (;;) {
      this.value(depth + 1)
      if (this.#closes(0x5d)) return
    }
  }

  #enter(depth: number): void {
    this.#reader.containers++
    if (depth >= MAX_VALUE_DEPTH) {
      this.#reader.fail(`value nests deeper than ${MAX_VALUE_DEPTH}`, this.#offset)
    }
    this.#offset++
  }

  /** Whether a list ends here; otherwise a comma has to follow. */
  #closes(bracket: number): boolean {
    const byte = this.#peek()
    if (byte !== bracket && byte !== 0x2c) this.#fail()
    this.#offset++
    return byte === bracket
  }

  #string(): void {
    this.#offset++
    for (;;) {
      const byte = this.#peek()
      if (byte < 0x20) this.#fail()
      this.#offset++
      if (byte === 0x22) return
      if (byte === 0x5c) this.#escape()
    }
  }

  #escape(): void {
    const byte = this.#peek()
    // " \ / b f n r t, or u and four hexadecimal digits
    if (byte === 0x75) {
      for (let i = 0; i < 4; i++) {
        this.#offset++
        if (!isHexDigit(this.#peek())) this.#fail()
      }
    } else if (
      byte !== 0x22 &&
      byte !== 0x5c &&
      byte !== 0x2f &&
      byte !== 0x62 &&
      byte !== 0x66 &&
      byte !== 0x6e &&
      byte !== 0x72 &&
      byte !== 0x74
    ) {
      this.#fail()
    }
    this.#offset++
  }

  #number(): void {
    if (this.#peek() === 0x2d) this.#offset++
    if (this.#peek() === 0x30) this.#offset++
    else this.#digits()
    if (this.#peek() === 0x2e) {
      this.#offset++
      this.#digits()
    }
    if (this.#peek() === 0x65 || this.#peek() === 0x45) {
      this.#offset++
      if (this.#peek() === 0x2b || this.#peek() === 0x2d) this.#offset++
      this.#digits()
    }
  }

  #digits(): void {
    if (!isDigit(this.#peek())) this.#fail()
    while (isDigit(this.#peek())) this.#offset++
  }

  #literal(word: string): void {
    for (let i = 0; i < word.length; i++) {
      if (this.#peek() !== word.charCodeAt(i)) this.#fail()
      this.#offset++
    }
  }

  #nextToken(): number {
    this.#skipSpace()
    return this.#peek()
  }

  #skipSpace(): void {
    for (;;) {
      const byte = this.#peek()
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return
      this.#offset++
    }
  }

  #peek(): number {
    return this.#offset < this.#end ? (this.#reader.bytes[this.#offset] as number) : -1
  }

  #fail(): never {
    this.#reader.fail('string is not JSON', this.#offset)
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

function isHexDigit(byte: number): boolean {
  return isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)
}
