import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MalformedResponseError, ResponseReader } from './http-response.ts'

/** What a reader makes of bytes that come in these pieces. */
function read(...pieces: (string | Uint8Array)[]) {
  const reader = new ResponseReader()
  let isDone = false
  for (const piece of pieces) {
    expect(isDone).toBe(false)
    isDone = reader.read(Buffer.from(piece as string, 'latin1'))
  }
  const { status, keepsOpen } = reader
  return { isDone, status, keepsOpen, body: reader.body.toString('latin1'), reader }
}

const text = (...lines: string[]) => lines.join('\r\n')

describe('a response', () => {
  test('with a length', () => {
    expect(read(text('HTTP/1.1 200 OK', 'Content-Length: 5', '', 'hello'))).toMatchObject({
      isDone: true,
      status: 200,
      keepsOpen: true,
      body: 'hello',
    })
  })

  test.each(['HTTP/1.1 200', 'HTTP/1.1 200 ', 'HTTP/1.1 200 Very fine'])('%j', (statusLine) => {
    expect(read(text(statusLine, 'content-length:0', '', '')).status).toBe(200)
  })

  test('in chunks, with extensions and trailers', () => {
    const chunks = ['5;name=value', 'hello', 'A', ', somebody', '0', 'trailer: value', '', '']
    expect(
      read(text('HTTP/1.1 200 OK', 'transfer-encoding: Chunked', '', ...chunks)),
    ).toMatchObject({ isDone: true, keepsOpen: true, body: 'hello, somebody' })
  })

  test.each([204, 304])('without a body: %i', (status) => {
    expect(read(text(`HTTP/1.1 ${status} `, '', ''))).toMatchObject({ isDone: true, body: '' })
  })

  test('after which the connection closes', () => {
    const head = text('HTTP/1.1 200 OK', 'Connection: Close', 'content-length: 0', '', '')
    expect(read(head)).toMatchObject({ isDone: true, keepsOpen: false })
  })

  test('that ends with the connection', () => {
    const { isDone, keepsOpen, body, reader } = read(text('HTTP/1.1 200 OK', '', 'all th'), 'is')
    expect([isDone, keepsOpen, body]).toEqual([false, false, 'all this'])
    expect(reader.end()).toBe(true)
  })

  test('after an informational response', () => {
    const hint = text('HTTP/1.1 103 Early Hints', 'link: <x>', '', '')
    const { isDone, status } = read(
      hint,
      text('HTTP/1.1 404 Not Found', 'content-length: 0', '', ''),
    )
    expect([isDone, status]).toEqual([true, 404])
  })

  test('is the same however it is split', () => {
    const body = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
    const sizes = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(body, sizes, sizes, fc.boolean(), (bytes, chunkSizes, pieceSizes, isChunked) => {
        const head = isChunked ? 'transfer-encoding: chunked' : `content-length: ${bytes.length}`
        const parts: Uint8Array[] = [Buffer.from(text('HTTP/1.1 200 OK', head, '', ''))]
        if (isChunked) {
          let at = 0
          for (let i = 0; at < bytes.length; i++) {
            const chunk = bytes.subarray(at, at + (chunkSizes[i % chunkSizes.length] as number))
            parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'))
            at += chunk.length
          }
          parts.push(Buffer.from('0\r\n\r\n'))
        } else {
          parts.push(bytes)
        }
        const all = Buffer.concat(parts)
        const pieces: Buffer[] = []
        for (let i = 0, at = 0; at < all.length; i++) {
          const size = pieceSizes[i % pieceSizes.length] as number
          pieces.push(all.subarray(at, at + size))
          at += size
        }
        const { isDone, body } = read(...pieces)
        expect([isDone, body]).toEqual([true, bytes.toString('latin1')])
      }),
    )
  })
})

describe('is refused', () => {
  const lengths = ['x', '-1', '+1', '1.5', '', '1, 2', '0x10', '9'.repeat(16)]
  test.each<[string, string]>([
    ['another protocol', text('SSH-2.0-OpenSSH', '', '')],
    ['another version', text('HTTP/1.0 200 OK', 'content-length: 0', '', '')],
    ['a status of no three digits', text('HTTP/1.1 2000 OK', '', '')],
    ['a header without a name', text('HTTP/1.1 200 OK', ': value', '', '')],
    ['a header that goes on', text('HTTP/1.1 200 OK', 'a: b', ' c', '', '')],
    ['a space before the colon', text('HTTP/1.1 200 OK', 'content-length : 0', '', '')],
    ...lengths.map((length): [string, string] => [
      `a length of ${length}`,
      text('HTTP/1.1 200 OK', `content-length: ${length}`, '', ''),
    ]),
    ['two lengths', text('HTTP/1.1 200 OK', 'content-length: 1', 'content-length: 1', '', 'a')],
    [
      'a length and chunks',
      text('HTTP/1.1 200 OK', 'content-length: 1', 'transfer-encoding: chunked', '', ''),
    ],
    ['another encoding', text('HTTP/1.1 200 OK', 'transfer-encoding: gzip, chunked', '', '')],
    ['a chunk without a size', text('HTTP/1.1 200 OK', 'transfer-encoding: chunked', '', '', '')],
    [
      'a chunk that is longer than it says',
      text('HTTP/1.1 200 OK', 'transfer-encoding: chunked', '', '1', 'ab', ''),
    ],
    ['more than a response', text('HTTP/1.1 200 OK', 'content-length: 1', '', 'ab')],
    ['a head without an end', `HTTP/1.1 200 OK\r\na: ${'x'.repeat(17_000)}`],
  ])('%s', (_, bytes) => {
    expect(() => read(bytes)).toThrow(MalformedResponseError)
  })

  test('with no other error, and a truncated response is never complete', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 60 }), (tail) => {
        const reader = new ResponseReader()
        try {
          reader.read(Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: 61\r\n\r\n${tail}`))
          expect(reader.end()).toBe(false)
          reader.read(Buffer.from(tail))
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedResponseError)
        }
      }),
    )
  })
})
