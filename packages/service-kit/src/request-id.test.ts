import { expect, test } from 'vitest'
import { readRequestId } from './request-id.ts'

test.each([
  '4bf92f3577b34da6a3ce929d0e0e4736',
  'b0a4f6de-0a37-4a2c-9f5e-6a1d2c3b4a59',
  'x'.repeat(64),
])('%s is an id', (id) => expect(readRequestId(id)).toBe(id))

test.each([
  '',
  'short',
  'x'.repeat(65),
  'with space',
  'a\nb-c-d-e-f',
  '{"msg":"forged"}',
  undefined,
  ['a'],
])('%j is none', (id) => expect(readRequestId(id)).toBeUndefined())
