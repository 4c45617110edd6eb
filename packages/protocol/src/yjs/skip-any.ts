import type { ByteReader } from './byte-reader.ts'
import { MAX_VALUE_DEPTH } from './limits.ts'

const OBJECT_TAG = 118

/**
 * Options that `new Y.Doc` accepts and no encoder writes: they would override the id that precedes them,
 * or replace a function with another value.
 */
const FORBIDDEN_DOC_OPTIONS = ['guid', 'gcFilter']

/**
 * Skips one value of lib0's `any` encoding.
 *
 * @param depth number of arrays and objects around the value
 * @see https://github.com/dmonad/lib0/blob/main/decoding.js readAny
 */
export function skipAny(reader: ByteReader, depth = 0): void {
  const tag = reader.byte()
  switch (tag) {
    case 127: // undefined
    case 126: // null
    case 121: // false
    case 120: // true
      return
    case 125:
      reader.skipVarInt()
      return
    case 124: // float32
      reader.skip(4)
      return
    case 123: // float64
    case 122: // bigint
      reader.skip(8)
      return
    case 119:
      reader.skipVarString()
      return
    case OBJECT_TAG: {
      enter(reader, depth)
      const size = reader.count(2)
      for (let i = 0; i < size; i++) {
        skipKey(reader)
        skipAny(reader, depth + 1)
      }
      return
    }
    case 117: {
      enter(reader, depth)
      const size = reader.count(1)
      for (let i = 0; i < size; i++) skipAny(reader, depth + 1)
      return
    }
    case 116:
      reader.skipVarBytes()
      return
    default:
      reader.fail(`unknown value tag ${tag}`, reader.offset - 1)
  }
}

/** Skips the options of a subdocument: an object that Yjs passes to `new Y.Doc`. */
export function skipDocOptions(reader: ByteReader): void {
  if (reader.byte() !== OBJECT_TAG) {
    reader.fail('options of a subdocument are not an object', reader.offset - 1)
  }
  const size = reader.count(2)
  for (let i = 0; i < size; i++) {
    const start = skipKey(reader)
    for (const name of FORBIDDEN_DOC_OPTIONS) {
      if (reader.matches(start, name)) reader.fail(`subdocument sets ${name}`, start)
    }
    skipAny(reader, 1)
  }
}

/** @returns where the key's characters start */
function skipKey(reader: ByteReader): number {
  const length = reader.varUint()
  const start = reader.offset
  reader.skipString(length)
  // lib0 assigns keys, so this one sets the prototype of the object instead: with bytes as its value
  // the object passes for a Uint8Array, and encoding it again throws.
  if (reader.matches(start, '__proto__')) reader.fail('object has a key __proto__', start)
  return start
}

/** Enters an object or array. */
function enter(reader: ByteReader, depth: number): void {
  reader.containers++
  if (depth >= MAX_VALUE_DEPTH) {
    reader.fail(`value nests deeper than ${MAX_VALUE_DEPTH}`, reader.offset - 1)
  }
}
