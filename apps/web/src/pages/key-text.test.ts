import { expect, test } from 'vitest'
import { keyText } from './key-text.ts'

const KEY = {
  scopes: ['boards:read', 'members:write'],
  boardIds: null,
  expiresAt: null,
  lastUsedAt: null,
  creatorName: null,
} as const

test('a key says what it may do, where, until when, and whether it is used', () => {
  const ago = (time: string) => `at ${time}`
  const { scopes, ...key } = KEY
  expect(keyText({ ...key, scopes: [...scopes] }, ago)).toBe(
    'boards:read, members:write · all boards · Never ends · never used',
  )
  const used = { boardIds: ['b'], lastUsedAt: 'noon', creatorName: 'Ada' }
  expect(keyText({ ...key, ...used, scopes: ['boards:write'] }, ago)).toBe(
    'boards:write · boards: 1 · Never ends · last used at noon · by Ada',
  )
})
