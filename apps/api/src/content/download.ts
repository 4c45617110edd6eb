import type { FastifyReply } from 'fastify'
import { toBuffer } from '../db/to-buffer.ts'

/** Media type of bytes. */
export const BINARY = 'application/octet-stream'

/** How a download is named and typed. */
export interface FileKind {
  type: string
  extension: string
}

/** A Yjs update as a file. */
export const UPDATE_FILE: FileKind = { type: BINARY, extension: 'yjs' }

/** Shared types as a file. */
export const JSON_FILE: FileKind = { type: 'application/json', extension: 'json' }

/** Sends bytes as a file named after what they are of. */
export function sendDownload(
  reply: FastifyReply,
  bytes: Uint8Array,
  kind: FileKind,
  id: string,
): FastifyReply {
  return reply
    .type(kind.type)
    .header('content-disposition', `attachment; filename="${id}.${kind.extension}"`)
    .send(toBuffer(bytes))
}
