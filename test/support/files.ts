import { createHash, randomBytes } from 'node:crypto'
import type { SignedIn } from '@mindfuse/testing'
import type { Stack } from './stack.ts'

/** A picture of one pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** A file that a test uploads. */
export interface TestFile {
  bytes: Buffer
  digest: string
}

/** A PNG with so many bytes at least; each has others. */
export function newPicture(size = 0): TestFile {
  return fileOf(Buffer.concat([PNG, randomBytes(Math.max(16, size - PNG.length))]))
}

/** These bytes as a file. */
export function fileOf(bytes: Buffer | string): TestFile {
  const buffer = Buffer.from(bytes)
  return { bytes: buffer, digest: createHash('sha256').update(buffer).digest('hex') }
}

/** Sets the thumbnail of a board. */
export function setThumbnail(
  { apiUrl }: Pick<Stack, 'apiUrl'>,
  who: Pick<SignedIn, 'accessToken'>,
  boardId: string,
  body: Buffer,
): Promise<Response> {
  return fetch(`${apiUrl}/api/boards/${boardId}/thumbnail`, {
    method: 'PUT',
    body: Buffer.from(body),
    headers: { authorization: `Bearer ${who.accessToken}` },
  })
}

/** The path of a file of a board. */
export const filePath = (boardId: string, { digest }: Pick<TestFile, 'digest'>) =>
  `/api/boards/${boardId}/assets/${digest}`

/** Uploads a file, by default the one that its digest is of. */
export function upload(
  { apiUrl }: Pick<Stack, 'apiUrl'>,
  who: Pick<SignedIn, 'accessToken'>,
  boardId: string,
  file: TestFile,
  init: RequestInit = {},
): Promise<Response> {
  return fetch(`${apiUrl}${filePath(boardId, file)}`, {
    method: 'PUT',
    body: new Uint8Array(file.bytes),
    ...init,
    headers: { authorization: `Bearer ${who.accessToken}`, ...init.headers },
  })
}
