import { expect, test } from 'vitest'
import { readPicture } from './read-picture.ts'

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const LOSSY =
  'UklGRjoAAABXRUJQVlA4IC4AAACQAQCdASoHAAUAAsBMJYwAApY3yAAA/vCvxIFvi31F8U0ewAmPUoPRpB+KNAAA'
const LOSSLESS = 'UklGRiIAAABXRUJQVlA4TBYAAAAvBgABAA/wP8D5/x/g/IcWHvcX0f+I'
/** The start alone: the size is in it. */
const EXTENDED = 'UklGRjICAABXRUJQVlA4WAoAAAAwAAAABgAABAAA'

test.for([
  ['a PNG', PNG, { type: 'image/png', width: 1, height: 1 }],
  ['a lossy WebP', LOSSY, { type: 'image/webp', width: 7, height: 5 }],
  ['a lossless WebP', LOSSLESS, { type: 'image/webp', width: 7, height: 5 }],
  ['an extended WebP', EXTENDED, { type: 'image/webp', width: 7, height: 5 }],
] as const)('reads the size of %s', ([, base64, head]) => {
  expect(readPicture(Buffer.from(base64, 'base64'))).toEqual(head)
})

test.for([
  ['nothing', Buffer.alloc(0)],
  ['a PNG that ends before its size', Buffer.from(PNG, 'base64').subarray(0, 20)],
  ['a PNG that begins with another chunk', patched(PNG, 12, 'IEND')],
  ['a WebP of an unknown kind', patched(LOSSY, 12, 'VP9 ')],
  ['another picture', Buffer.from(`GIF89a${'\0'.repeat(40)}`, 'latin1')],
  ['a page', Buffer.from(`<!doctype html>${' '.repeat(40)}`)],
] as const)('%s is none', ([, bytes]) => {
  expect(readPicture(bytes)).toBeUndefined()
})

function patched(base64: string, at: number, text: string): Buffer {
  const bytes = Buffer.from(base64, 'base64')
  bytes.write(text, at, 'latin1')
  return bytes
}
