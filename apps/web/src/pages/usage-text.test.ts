import { expect, test } from 'vitest'
import { messages } from '../language/language.ts'
import { usageText } from './usage-text.ts'

const MEBIBYTE = 1024 ** 2

test.for([
  ['nothing', { used: 1, limit: 10 }, { used: 0, limit: null }, undefined],
  ['nothing without limits', { used: 9_999, limit: null }, { used: 1e12, limit: null }, undefined],
  [
    'boards',
    { used: 8, limit: 10 },
    { used: 0, limit: 10 * MEBIBYTE },
    'This workspace uses 8 of 10 boards, including the trash.',
  ],
  [
    'both',
    { used: 10, limit: 10 },
    { used: 11 * MEBIBYTE, limit: 10 * MEBIBYTE },
    'This workspace uses 10 of 10 boards and 11 of 10 MB of storage, including the trash.',
  ],
] as const)('says %s', ([_, boards, storageBytes, text]) => {
  const assetBytes = { used: 0, limit: 10 * MEBIBYTE }
  expect(usageText({ boards, storageBytes, assetBytes }, messages())).toBe(text)
})

test('says files', () => {
  const [boards, storageBytes] = [
    { used: 1, limit: 10 },
    { used: 0, limit: null },
  ]
  const assetBytes = { used: 9 * MEBIBYTE, limit: 10 * MEBIBYTE }
  expect(usageText({ boards, storageBytes, assetBytes }, messages())).toBe(
    'This workspace uses 9 of 10 MB of files, including the trash.',
  )
})
