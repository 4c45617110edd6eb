import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ByteShares } from '../../http/byte-shares.ts'
import { ApiError } from '../../http/errors.ts'
import { TooManyJobsError, WorkersBusyError } from '../worker/errors.ts'

/** Up to this size a document stays in memory, bytes. */
export const SPOOL_AFTER_BYTES = 1024 * 1024

/** Largest document that is spooled, bytes: JSON may be several times the size of its board. */
const MAX_SPOOLED_BYTES = 256 * 1024 * 1024

/** Most bytes of all documents that are spooled at a time; a person may have a share of them. */
const MAX_TOTAL_BYTES = 2 * 1024 ** 3

/** Bytes of a file that are read at a time. */
const READ_BYTES = 64 * 1024

/** Bytes that wait for their reader, or for their turn, outside of memory. */
export interface Spooled {
  readonly bytes: number
  /** The bytes in pieces. */
  chunks(): AsyncIterable<Uint8Array>
  /** The bytes in one piece. */
  whole(): Promise<Buffer>
  /** Frees them; a second call does nothing. */
  close(): Promise<void>
}

/**
 * Keeps large documents in files of the system's temporary directory (`TMPDIR`). Each file is
 * unlinked as soon as it is open, so that nothing is left behind however the process ends.
 */
export class Spool {
  readonly #shares: ByteShares

  constructor(options: { maxTotalBytes?: number } = {}) {
    this.#shares = new ByteShares({
      most: options.maxTotalBytes ?? MAX_TOTAL_BYTES,
      tooMany: () => new TooManyJobsError(),
      full: () => new WorkersBusyError(),
    })
  }

  /** Bytes in files. */
  get bytes(): number {
    return this.#shares.bytes
  }

  /**
   * @param options.person whose request it is, or `BACKGROUND`
   * @throws ApiError 413 for more than `maxBytes`, 429 where other files of the person use up their share,
   * 503 where too much is spooled already; and whatever the source throws
   */
  async write(
    source: AsyncIterable<Uint8Array>,
    { person, maxBytes = MAX_SPOOLED_BYTES }: { person: string; maxBytes?: number },
  ): Promise<Spooled> {
    let held: Uint8Array[] = []
    let file: FileHandle | undefined
    let bytes = 0
    const share = this.#shares.open(person)
    const free = async () => {
      share.free()
      await file?.close()
      file = undefined
    }
    try {
      for await (const chunk of source) {
        bytes += chunk.length
        if (bytes > maxBytes) throw new TooLargeError(maxBytes)
        held.push(chunk)
        if (!file && bytes <= SPOOL_AFTER_BYTES) continue
        share.grow(sizeOf(held))
        file ??= await openUnlinked()
        for (const piece of held) await file.writeFile(piece)
        held = []
      }
    } catch (error) {
      await free()
      throw error
    }
    const written = file
    return {
      bytes,
      chunks: () => (written ? piecesOf(written, bytes) : fromMemory(held)),
      async whole() {
        if (!written) return Buffer.concat(held)
        const whole = Buffer.allocUnsafeSlow(bytes)
        let offset = 0
        for await (const piece of piecesOf(written, bytes)) {
          whole.set(piece, offset)
          offset += piece.length
        }
        return whole
      },
      close: free,
    }
  }
}

/** It is larger than what may be sent or received. */
class TooLargeError extends ApiError {
  constructor(maxBytes: number) {
    super(413, 'document_too_large', `This document is larger than ${maxBytes} bytes`)
  }
}

function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0)
}

async function openUnlinked(): Promise<FileHandle> {
  const directory = await mkdtemp(join(tmpdir(), 'mindfuse-'))
  try {
    return await open(join(directory, 'spooled'), 'wx+', 0o600)
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function* piecesOf(file: FileHandle, bytes: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes; ) {
    const piece = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, bytes - from))
    const { bytesRead } = await file.read(piece, 0, piece.length, from)
    if (bytesRead === 0) throw new Error('a spooled document is shorter than it was')
    from += bytesRead
    yield piece.subarray(0, bytesRead)
  }
}

async function* fromMemory(held: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* held
}
