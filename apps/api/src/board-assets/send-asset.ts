import type { FastifyReply, FastifyRequest } from 'fastify'
import { parseRange } from '../assets/byte-range.ts'
import { type ContentType, FILE_TYPES } from '../assets/file-types.ts'
import type { AssetBytes, ByteRange } from '../assets/store/asset-store.ts'
import { disconnectStalled } from '../http/download.ts'
import { ApiError } from '../http/errors.ts'
import { hasAlready } from '../http/etag.ts'
import { FOR_EVER, SANDBOX } from '../http/files.ts'
import type { SentAsset } from './service.ts'

/** Sends a file, or the part that is asked for (RFC 9110, 13 and 14), or that the reader has it. */
export async function sendAsset(
  request: FastifyRequest,
  reply: FastifyReply,
  asset: SentAsset,
  open: (range: ByteRange | undefined) => Promise<AssetBytes>,
): Promise<FastifyReply> {
  const { bytes } = asset
  const etag = `"${asset.digest}"`
  reply
    .header('etag', etag)
    .header('cache-control', FOR_EVER)
    .header('accept-ranges', 'bytes')
    .header('content-security-policy', SANDBOX)
  if (hasAlready(request, etag)) return reply.code(304).send()

  const isHead = request.method === 'HEAD'
  const range = isHead ? undefined : rangeOf(request, etag, bytes)
  if (range === null) {
    reply.header('content-range', `bytes */${bytes}`)
    throw new ApiError(416, 'range_not_satisfiable', `The file has ${bytes} bytes`)
  }
  const opened = isHead ? undefined : await open(range)
  reply
    .type(asset.contentType)
    .header('content-disposition', dispositionOf(asset))
    .header('content-length', range ? range.to - range.from + 1 : bytes)
  if (range) reply.code(206).header('content-range', `bytes ${range.from}-${range.to}/${bytes}`)
  if (!opened) return reply.send()
  disconnectStalled(reply)
  return reply.send(opened.stream)
}

/** What `Range` asks for; all where `If-Range` names another file. */
function rangeOf(
  { headers }: FastifyRequest,
  etag: string,
  bytes: number,
): ByteRange | null | undefined {
  const condition = headers['if-range']
  if (condition !== undefined && condition !== etag) return undefined
  return parseRange(headers.range, bytes)
}

function dispositionOf({ digest, contentType }: SentAsset): string {
  const type = FILE_TYPES[contentType as ContentType]
  const way = type?.isShown ? 'inline' : 'attachment'
  return `${way}; filename="${digest}.${type?.extension ?? 'bin'}"`
}
