import { expect, test } from 'vitest'
import { createSecretCheck } from './secret.ts'

const SECRET = 'a-secret-of-gateways'
const isGateway = createSecretCheck([SECRET])

test('the secret opens', () => {
  expect(isGateway(`Internal-Secret ${SECRET}`)).toBe(true)
})

test.each([
  undefined,
  '',
  'Internal-Secret',
  'Internal-Secret ',
  SECRET,
  `Bearer ${SECRET}`,
  `Internal-Secret ${SECRET} `,
  `Internal-Secret  ${SECRET}`,
  `Internal-Secret ${SECRET.slice(0, -1)}`,
  `Internal-Secret ${SECRET}s`,
  `Internal-Secret ${SECRET.toUpperCase()}`,
  `Internal-Secret ${SECRET},Internal-Secret ${SECRET}`,
  `Internal-Secret é${SECRET}`,
])('nothing else does: %j', (authorization) => {
  expect(isGateway(authorization)).toBe(false)
})

test('a secret without letters is one too, and opens nothing else', () => {
  const isEmptySecret = createSecretCheck([' '])
  expect(isEmptySecret('Internal-Secret  ')).toBe(true)
  expect(isEmptySecret(undefined)).toBe(false)
})

test('while a secret takes the place of another both open, and none besides', () => {
  const isEither = createSecretCheck([SECRET, 'the-one-before'])
  expect(isEither(`Internal-Secret ${SECRET}`)).toBe(true)
  expect(isEither('Internal-Secret the-one-before')).toBe(true)
  expect(isEither('Internal-Secret another')).toBe(false)
})
