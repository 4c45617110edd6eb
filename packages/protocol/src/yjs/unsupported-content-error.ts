import { MalformedUpdateError } from './malformed-update-error.ts'

/**
 * An update with content that other implementations of Yjs have and Yjs has not: weak links and moves
 * of Yrs. Yjs 13 and 14 throw on it, so it must not get into a document; sending it again does not help.
 */
export class UnsupportedContentError extends MalformedUpdateError {
  override readonly name = 'UnsupportedContentError'
  override readonly code = 'unsupported_content'
}
