import { expect, test } from 'vitest'
import { messages } from '../language/language.ts'
import { sizeText } from './size-text.ts'

test.for([
  [undefined, ''],
  [0.79, ''],
  [0.8, 'This board is 80% full'],
  [0.989, 'This board is 98% full'],
  [0.99, 'This board is full: delete something to make room'],
  [1.1, 'This board is full: delete something to make room'],
] as const)('a share of %s is "%s"', ([share, text]) => {
  expect(sizeText(share === undefined ? undefined : { share }, messages())).toBe(text)
})
