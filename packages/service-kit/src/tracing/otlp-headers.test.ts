import { expect, test } from 'vitest'
import { parseOtlpHeaders } from './otlp-headers.ts'

test('headers are separated by commas, and their values percent-encoded', () => {
  expect(parseOtlpHeaders('Authorization=Basic%20YTpi==, x-tenant = a%2Cb ')).toEqual({
    authorization: 'Basic YTpi==',
    'x-tenant': 'a,b',
  })
  expect(parseOtlpHeaders('')).toEqual({})
})

test.each(['a b=secret', 'a=%zz-secret', 'a=secret%0Ax'])(
  '%s is refused, and not repeated',
  (text) => {
    expect(() => parseOtlpHeaders(text)).toThrow(/^(?!.*secret).*OTEL_EXPORTER_OTLP_HEADERS/)
  },
)
