import { Readable } from 'node:stream'
import { EXCALIDRAW_TYPE } from '@mindfuse/scene'
import type { FastifyReply } from 'fastify'
import { whenClosed } from './when-closed.ts'

/** Media type of bytes. */
export const BINARY = 'application/octet-stream'

/** How often a download must have progressed, milliseconds, and by how much, bytes. */
const STALL_MS = 30_000
const MIN_PROGRESS_BYTES = 64 * 1024

/** How a download is named and typed. */
export interface FileKind {
  type: string
  extension: string
}

/** A Yjs update as a file. */
export const UPDATE_FILE: FileKind = { type: BINARY, extension: 'yjs' }

/** Shared types as a file. */
export const JSON_FILE: FileKind = { type: 'application/json', extension: 'json' }

/** A scene as a file of Excalidraw. */
export const EXCALIDRAW_FILE: FileKind = { type: EXCALIDRAW_TYPE, extension: 'excalidraw' }

/** A JSON object in each line, as a file. */
export const JSON_LINES_FILE: FileKind = { type: 'application/x-ndjson', extension: 'jsonl' }

/** Something to download: read in pieces, as its reader takes them. */
export interface DownloadSource {
  /** Undefined where that shows only as it is read. */
  readonly bytes?: number
  chunks(): AsyncIterable<Uint8Array>
  /** Frees it, once it was sent or cannot be. */
  close(): Promise<void>
}

/** Sends a file named after what it is of. A reader that stops reading is disconnected. */
export function sendDownload(
  reply: FastifyReply,
  source: DownloadSource,
  kind: FileKind,
  id: string,
  { stallMs = STALL_MS }: { stallMs?: number } = {},
): FastifyReply {
  disconnectStalled(reply, { stallMs })
  whenClosed(reply, () => {
    source.close().catch((error: unknown) => reply.log.warn({ err: error }, 'a file stays open'))
  })
  if (source.bytes !== undefined) reply.header('content-length', source.bytes)
  return reply
    .type(kind.type)
    .header('content-disposition', `attachment; filename="${id}.${kind.extension}"`)
    .send(Readable.from(source.chunks(), { objectMode: false }))
}

/** Disconnects the reader of a reply that stops reading. */
export function disconnectStalled(
  reply: FastifyReply,
  { stallMs = STALL_MS }: { stallMs?: number } = {},
): void {
  const { socket } = reply.request.raw
  let sent = socket.bytesWritten
  const timer = setInterval(() => {
    if (socket.bytesWritten - sent < MIN_PROGRESS_BYTES) reply.raw.destroy()
    sent = socket.bytesWritten
  }, stallMs)
  whenClosed(reply, () => clearInterval(timer))
}
