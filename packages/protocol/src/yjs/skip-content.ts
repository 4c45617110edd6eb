import type { ByteReader } from './byte-reader.ts'
import { skipAny, skipDocOptions } from './skip-any.ts'
import { skipJson, skipJsonOrUndefined } from './skip-json.ts'
import { UnsupportedContentError } from './unsupported-content-error.ts'

/** Shared types by their number in an update: Array, Map, Text, XmlElement, XmlFragment, … */
const XML_ELEMENT = 3
const XML_HOOK = 5
const XML_TEXT = 6

/** What Yrs has besides, as a shared type and as content, see `UnsupportedContentError`. */
const WEAK_LINK = 7
const MOVE = 11

/**
 * Skips the content of an item.
 *
 * @param kind the low five bits of the item's info byte
 * @returns how many clocks it covers
 * @see https://github.com/yjs/yjs/blob/main/src/structs/Item.js contentRefs
 */
export function skipContent(reader: ByteReader, kind: number): number {
  switch (kind) {
    case 1: // deleted
      return reader.varUint()
    case 2: {
      const count = reader.count(1)
      for (let i = 0; i < count; i++) skipJsonOrUndefined(reader)
      return count
    }
    case 3: // binary
      reader.skipVarBytes()
      return 1
    case 4:
      return reader.skipVarString()
    case 5: // embed
      skipJson(reader)
      return 1
    case 6: // format: key, value
      reader.skipVarString()
      skipJson(reader)
      return 1
    case 7:
      skipType(reader)
      return 1
    case 8: {
      const count = reader.count(1)
      for (let i = 0; i < count; i++) skipAny(reader)
      return count
    }
    case 9: // subdocument: guid, options
      reader.skipVarString()
      skipDocOptions(reader)
      return 1
    case MOVE:
      throw new UnsupportedContentError('move', reader.offset)
    default:
      reader.fail(`unknown content ${kind}`)
  }
}

function skipType(reader: ByteReader): void {
  const start = reader.offset
  const type = reader.varUint()
  if (type === WEAK_LINK) throw new UnsupportedContentError('weak link', start)
  if (type > XML_TEXT) reader.fail(`unknown shared type ${type}`, start)
  // These two are followed by their name.
  if (type === XML_ELEMENT || type === XML_HOOK) reader.skipVarString()
}
