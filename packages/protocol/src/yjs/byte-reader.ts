import { MalformedUpdateError } from './malformed-update-error.ts'
import { utf16Length } from './utf8.ts'

/** 8 × 7 bits hold every safe integer. lib0 has no bound, and ends up with NaN. */
const MAX_VARINT_BYTES = 8

/** Creates the error that a reader throws, from the problem and the offset in bytes. */
export type MalformedBytes = new (problem: string, offset: number) => Error

/**
 * Reads and checks bytes in lib0 encoding without keeping their content. Every method throws the error
 * given to the constructor if the bytes end early or are invalid.
 *
 * Grammar: https://github.com/dmonad/lib0/blob/main/decoding.js
 */
export class ByteReader {
  /**
   * One that is never gone. Where none is alive at a full collection V8 forgets what they look like,
   * and with it all code that it compiled for them: a gateway would be slow for seconds.
   */
  static readonly ALIVE = new ByteReader(new Uint8Array(), MalformedUpdateError)
  readonly bytes: Uint8Array
  /** The next byte to read. */
  offset = 0
  /** Number of objects and arrays read inside values. */
  containers = 0
  readonly #Malformed: MalformedBytes

  constructor(bytes: Uint8Array, Malformed: MalformedBytes) {
    this.bytes = bytes
    this.#Malformed = Malformed
  }

  fail(problem: string, offset = this.offset): never {
    throw new this.#Malformed(problem, offset)
  }

  /** Reads one byte. */
  byte(): number {
    const value = this.bytes[this.offset]
    if (value === undefined) this.fail('unexpected end')
    this.offset++
    return value
  }

  /** Reads an unsigned integer of variable length, at most 2^53 - 1. */
  varUint(): number {
    const start = this.offset
    const first = this.byte()
    if (first < 0x80) return first
    return this.#longVarUint(start, first & 0x7f, 0x80)
  }

  /** Skips a signed integer of variable length. */
  skipVarInt(): void {
    const start = this.offset
    const first = this.byte()
    // Bit 8 says whether more follows, bit 7 is the sign.
    if (first >= 0x80) this.#longVarUint(start, first & 0x3f, 0x40)
  }

  /**
   * Reads the number of elements that follow, each of at least `minBytes`. A count that the remaining
   * bytes cannot hold is rejected here, so a claim never costs more than the bytes that were sent.
   */
  count(minBytes: number): number {
    const start = this.offset
    const count = this.varUint()
    if (count * minBytes > this.bytes.length - this.offset) {
      this.fail(`count of ${count} is more than the bytes hold`, start)
    }
    return count
  }

  /** Skips `length` bytes. */
  skip(length: number): void {
    if (length > this.bytes.length - this.offset) this.fail('unexpected end', this.bytes.length)
    this.offset += length
  }

  /** Reads a length and as many bytes, as a view. */
  varBytes(): Uint8Array {
    const length = this.varUint()
    this.skip(length)
    return this.bytes.subarray(this.offset - length, this.offset)
  }

  /** Skips a length and as many bytes. */
  skipVarBytes(): void {
    this.skip(this.varUint())
  }

  /**
   * Skips a string.
   *
   * @returns its length in UTF-16 code units, which is what Yjs counts clocks in
   */
  skipVarString(): number {
    return this.skipString(this.varUint())
  }

  /** Like `skipVarString`, for a string of `length` bytes whose length was read already. */
  skipString(length: number): number {
    const start = this.offset
    this.skip(length)
    const units = utf16Length(this.bytes, start, this.offset)
    if (units < 0) this.fail('string is not UTF-8', start)
    return units
  }

  /** Whether the bytes between `start` and the current offset spell `ascii`. */
  matches(start: number, ascii: string): boolean {
    if (this.offset - start !== ascii.length) return false
    for (let i = 0; i < ascii.length; i++) {
      if (this.bytes[start + i] !== ascii.charCodeAt(i)) return false
    }
    return true
  }

  /** Rejects trailing bytes. */
  end(): void {
    if (this.offset !== this.bytes.length) {
      this.fail(`${this.bytes.length - this.offset} bytes too many`)
    }
  }

  #longVarUint(start: number, firstBits: number, firstMultiplier: number): number {
    let value = firstBits
    let multiplier = firstMultiplier
    while (this.offset - start < MAX_VARINT_BYTES) {
      const byte = this.byte()
      value += (byte & 0x7f) * multiplier
      multiplier *= 0x80
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break
        return value
      }
    }
    this.fail('integer is not a safe integer', start)
  }
}
