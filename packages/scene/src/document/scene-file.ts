import * as Y from 'yjs'
import { isObject, readId, readString } from '../elements/values.ts'

/** A file that elements refer to: kept beside the document, under the SHA-256 of its bytes. */
export interface SceneFile {
  /** SHA-256 of its bytes, in lower-case hex digits. */
  readonly digest: string
  readonly mimeType: string
}

const DIGEST = /^[0-9a-f]{64}$/
const MIME_TYPE = /^[a-z]+\/[a-z0-9.+-]{1,100}$/

/** Reads what a document says of a file. */
export function readFile(value: unknown): SceneFile | undefined {
  const file: unknown = value instanceof Y.Map ? value.toJSON() : value
  if (!isObject(file)) return undefined
  const { digest, mimeType } = file
  if (typeof digest !== 'string' || !DIGEST.test(digest)) return undefined
  if (typeof mimeType !== 'string' || !MIME_TYPE.test(mimeType)) return undefined
  return { digest, mimeType }
}

/** Reads the colour behind a scene. */
export function readBackground(value: unknown): string | undefined {
  return readId(value) && readString(value)
}
