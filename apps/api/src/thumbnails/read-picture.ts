import { detectType } from '../assets/file-types.ts'
import type { ThumbnailType } from './schemas.ts'

/** What the first bytes of a picture say. */
export interface PictureHead {
  type: ThumbnailType
  width: number
  height: number
}

/** Reads the head of a PNG or a WebP; undefined for anything else. Nothing is decoded. */
export function readPicture(bytes: Buffer): PictureHead | undefined {
  const type = detectType(bytes)
  if (bytes.length < HEAD_BYTES) return undefined
  if (type === 'image/png') return pngHead(bytes)
  return type === 'image/webp' ? webpHead(bytes) : undefined
}

/** Enough for each of the heads below. */
const HEAD_BYTES = 30

/** The size stands in the first chunk (PNG, 11.2.1). */
function pngHead(bytes: Buffer): PictureHead | undefined {
  if (bytes.toString('latin1', 12, 16) !== 'IHDR') return undefined
  return { type: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
}

/** Lossy, lossless or extended, which the first chunk tells apart (RFC 9649, 2.5 to 2.7). */
function webpHead(bytes: Buffer): PictureHead | undefined {
  const type = 'image/webp'
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return {
        type,
        width: bytes.readUInt16LE(26) & 0x3fff,
        height: bytes.readUInt16LE(28) & 0x3fff,
      }
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21)
      return { type, width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 }
    }
    case 'VP8X':
      return { type, width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 }
    default:
      return undefined
  }
}
