import { expect, test } from 'vitest'
import { OpenQuestions } from './open-questions.ts'

test('one question at a time is open to each, until it is answered or too old', () => {
  let now = 0
  const questions = new OpenQuestions<object>(() => now)
  const ada = {}
  const alan = {}
  expect(questions.open(ada)).toBe(true)
  expect(questions.open(ada)).toBe(false)
  expect(questions.open(alan)).toBe(true)

  questions.answered(ada)
  expect(questions.open(ada)).toBe(true)
  expect(questions.open(alan)).toBe(false)

  now = 4_999
  expect(questions.open(ada)).toBe(false)
  now = 5_000
  expect(questions.open(ada)).toBe(true)
  expect(questions.open(ada)).toBe(false)
})
