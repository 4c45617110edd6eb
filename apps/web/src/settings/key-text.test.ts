import { expect, test } from 'vitest'
import { createMessages } from '../language/messages.ts'
import en from '../messages/en.ts'
import { keyText } from './key-text.ts'

const KEY = {
  scopes: ['boards:read', 'members:write'],
  boardIds: null,
  expiresAt: null,
  lastUsedAt: null,
  creatorName: null,
} as const

test('a key says what it may do, where, until when, and whether it is used', () => {
  const english = createMessages('en', en)
  const { scopes, ...key } = KEY
  expect(keyText({ ...key, scopes: [...scopes] }, english)).toBe(
    'boards:read, members:write · all boards · Never ends · never used',
  )
  const used = { boardIds: ['b'], lastUsedAt: new Date().toISOString(), creatorName: 'Ada' }
  expect(keyText({ ...key, ...used, scopes: ['boards:write'] }, english)).toBe(
    'boards:write · boards: 1 · Never ends · last used now · by Ada',
  )
})
