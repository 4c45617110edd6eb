import { randomBytes } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'

/** Of a picture whose data URL is 2 MiB: as large as a screenshot that people paste. */
const SIDE_PIXELS = 724
const BYTES_PER_PIXEL = 3

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** The data URL of a PNG of noise, which nothing compresses. */
export function noisePicture(): string {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(SIDE_PIXELS, 0)
  header.writeUInt32BE(SIDE_PIXELS, 4)
  // 8 bits a channel, red, green and blue.
  header.set([8, 2], 8)
  const row = () => Buffer.concat([Buffer.alloc(1), randomBytes(SIDE_PIXELS * BYTES_PER_PIXEL)])
  const pixels = Buffer.concat(Array.from({ length: SIDE_PIXELS }, row))
  const png = Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixels, { level: 0 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
  return `data:image/png;base64,${png.toString('base64')}`
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(body.length + 8)
  frame.writeUInt32BE(data.length, 0)
  frame.set(body, 4)
  frame.writeUInt32BE(crc32(body), body.length + 4)
  return frame
}
