import { expect, test } from 'vitest'
import { messages } from '../language/language.ts'
import { linkText } from './link-text.ts'

test('a link says what it gives, and until when', () => {
  const link = {
    role: 'editor',
    label: null,
    expiresAt: null,
    hasPassword: false,
    uses: 0,
  } as const
  expect(linkText(link, undefined, messages())).toBe('Never ends · uses: 0')
  expect(
    linkText({ ...link, label: 'Workshop', hasPassword: true, uses: 3 }, 'you', messages()),
  ).toBe('Can edit · Never ends · password · uses: 3 · by you')
})
