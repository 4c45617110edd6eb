import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import pLimit, { type LimitFunction } from 'p-limit'
import { type ByteShare, ByteShares } from '../http/byte-shares.ts'
import { ApiError } from '../http/errors.ts'
import { readBody } from '../http/read-body.ts'
import type { FileHasher } from './file-hasher.ts'
import { type ContentType, detectType, HEAD_BYTES } from './file-types.ts'
import { AssetStoreError, type ReceivedFile } from './store/asset-store.ts'

/** Most bytes of files that are being received or handed on at a time; a person may have a share of them. */
const MAX_TOTAL_BYTES = 2 * 1024 ** 3

/** How many files are written to at a time: more are not faster, and each has a piece of its file in memory. */
const MAX_WRITING = 8

/** When to try again where too much is being received, seconds. */
const RETRY_AFTER_SECONDS = 5

/** The bytes of a file as they arrive: a request, or what came within another. */
export type UploadBody = Readable & Pick<IncomingMessage, 'headers' | 'complete'>

/** An upload that is being received. */
export interface Upload {
  body: UploadBody
  /** SHA-256, 64 lower-case hexadecimal digits. */
  digest: string
  /** Whose share of the space it takes. */
  sender: string
}

/** A whole file of a type that we take, with the digest that was promised. */
export interface CheckedFile extends ReceivedFile {
  contentType: ContentType
}

/**
 * Receives a file and uses it. Afterwards it is gone, unless `use` has moved it.
 *
 * @throws ApiError 413 for one that is too large, before it is received where its length is told; 415 for a type
 * that we do not take, as soon as that shows; 422 for another digest; 400 for one that was cut short; 429 and 503
 * where too much is being received; AssetStoreError where it cannot be written
 */
export type ReceiveFile = <Result>(
  upload: Upload,
  use: (file: CheckedFile) => Promise<Result>,
) => Promise<Result>

/**
 * @param options.dir where files are meanwhile
 * @param options.maxBytes of one file
 */
export function createReceiveFile(options: {
  dir: string
  maxBytes: number
  maxTotalBytes?: number
  hasher: Pick<FileHasher, 'hash'>
}): ReceiveFile {
  const { dir, maxBytes, maxTotalBytes: most = MAX_TOTAL_BYTES, hasher } = options
  const shares = new ByteShares({ most, tooMany: tooManyUploads, full: uploadsBusy })
  const inTurn = pLimit(MAX_WRITING)
  return async (upload, use) => {
    const { body, sender } = upload
    if (Number(body.headers['content-length']) > maxBytes) throw tooLarge(maxBytes)
    const share = shares.open(sender)
    const path = join(dir, randomUUID())
    try {
      const file = await onDisk(() => open(path, 'wx', 0o600))
      const received = await writeBody(file, upload.body, { share, maxBytes, inTurn }).finally(() =>
        file.close(),
      )
      if ((await onDisk(() => hasher.hash(path))) !== upload.digest) throw digestMismatch()
      return await use({ path, ...received })
    } finally {
      await rm(path, { force: true }).catch(leftOver)
      share.free()
    }
  }
}

async function writeBody(
  file: FileHandle,
  body: UploadBody,
  options: { share: ByteShare; maxBytes: number; inTurn: LimitFunction },
): Promise<{ bytes: number; contentType: ContentType }> {
  const { share, maxBytes, inTurn } = options
  let bytes = 0
  let head = Buffer.alloc(0)
  let contentType: ContentType | undefined
  const write = async (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > maxBytes) throw tooLarge(maxBytes)
    if (head.length < HEAD_BYTES) {
      head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)])
      if (head.length === HEAD_BYTES) contentType = requireType(head)
    }
    share.grow(chunk.length)
    await onDisk(() => file.writeFile(chunk))
  }
  const pieces = piecesOf(body)
  const writeNext = async () => {
    const next = await pieces.next()
    if (!next.done) await write(next.value)
    return !next.done
  }
  try {
    // What waits for its turn has not been read, and a slow sender has no turn meanwhile.
    do await untilReadable(body)
    while (await inTurn(writeNext))
  } finally {
    await pieces.return(undefined)
  }
  return { bytes, contentType: contentType ?? requireType(head) }
}

/** @throws ApiError 400 where it ends before its end */
async function* piecesOf(body: UploadBody): AsyncGenerator<Buffer> {
  try {
    yield* readBody(body)
  } catch (error) {
    if (body.complete) throw error
    throw new ApiError(400, 'upload_cut', 'The file did not arrive as a whole')
  }
}

/** Waits until some of it has arrived, or nothing more will. */
async function untilReadable(body: UploadBody): Promise<void> {
  if (body.readableLength > 0 || body.complete || body.destroyed) return
  const events = ['readable', 'error', 'close']
  await new Promise<void>((resolve) => {
    const arrived = () => {
      for (const event of events) body.off(event, arrived)
      resolve()
    }
    for (const event of events) body.on(event, arrived)
  })
}

/** The store removes after a day what cannot be removed now: the answer is the same. */
const leftOver = () => undefined

/** @throws AssetStoreError where the disk is full or away */
async function onDisk<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (cause) {
    throw new AssetStoreError('a file cannot be received', { cause })
  }
}

/** @throws ApiError 415 */
function requireType(head: Buffer): ContentType {
  const type = detectType(head)
  if (type) return type
  throw new ApiError(
    415,
    'unsupported_file_type',
    'Files may be pictures (PNG, JPEG, GIF, WebP, AVIF, HEIC, BMP, SVG), PDF, video (MP4, MOV, WebM) or audio (MP3, M4A, WAV, Ogg)',
  )
}

function tooLarge(limit: number): ApiError {
  const mebibytes = Math.round(limit / 1024 ** 2)
  return new ApiError(413, 'file_too_large', `A file may have ${mebibytes} MiB at most`, {
    details: { limit },
  })
}

function digestMismatch(): ApiError {
  const detail = 'The SHA-256 of what arrived is not the one in the path'
  return new ApiError(422, 'digest_mismatch', detail)
}

function tooManyUploads(): ApiError {
  const detail = 'You are sending too much at a time; wait for some of it to arrive'
  return new ApiError(429, 'too_many_uploads', detail, { retryAfterSeconds: RETRY_AFTER_SECONDS })
}

function uploadsBusy(): ApiError {
  const detail = 'Too many files are being received; try again later'
  return new ApiError(503, 'uploads_busy', detail, { retryAfterSeconds: RETRY_AFTER_SECONDS })
}
