import { expect, test } from 'vitest'
import { cleanName, isVisible } from './names.ts'

test.each([
  ['spaces', ' \t\u00a0\u3000'],
  ['zero-width characters', '\u200b\u200d\u2060\ufeff'],
  ['controls of direction', '\u202e\u2066\u200f'],
  ['fillers of Hangul and Braille', '\u3164\u115f\uffa0\u2800'],
  ['a mark without a letter', '\u0301\ufe0f'],
  ['half a character', '\ud800'],
  ['nothing', ''],
])('%s make no name', (_, name) => {
  expect(isVisible(name)).toBe(false)
})

test.each(['a', ' .', '木', '🎨', 'שלום', '\u0301e'])('%s makes one', (name) => {
  expect(isVisible(name)).toBe(true)
})

test('a name is kept without what would reorder the text around it', () => {
  expect(cleanName(' \u202egnp.exe\u2069 ')).toBe('gnp.exe')
  expect(cleanName('\u200fשלום 1')).toBe('\u200fשלום 1')
})
