import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDataUrl, toDataUrl } from './data-url.ts'

test('bytes are the same after they were a data URL', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30_000 }), (bytes) => {
      const parsed = parseDataUrl(toDataUrl('image/png', bytes))
      expect(parsed?.mimeType).toBe('image/png')
      expect(Buffer.compare(parsed?.bytes ?? new Uint8Array(), bytes)).toBe(0)
    }),
  )
})

test('text is read too', () => {
  const parsed = parseDataUrl('data:image/svg+xml;charset=utf-8,%3Csvg%3E%C3%A9')
  expect(new TextDecoder().decode(parsed?.bytes)).toBe('<svg>é')
})

test.each([
  undefined,
  7,
  '',
  'https://example.com/a.png',
  'data:,',
  'data:image/png;base64,~',
  'data:a/b,%ZZ',
])('%j is none', (url) => {
  expect(parseDataUrl(url)).toBeUndefined()
})
