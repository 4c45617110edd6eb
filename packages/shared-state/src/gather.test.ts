import { beforeEach, expect, test } from 'vitest'
import { gather } from './gather.ts'

const MAX_QUESTIONS = 3
const MAX_AT_ONCE = 2

/** What was asked together, each with the ways to answer it. */
let asked: { questions: string[]; answer: (answers?: string[]) => void; fail: () => void }[]
let ask: (question: string) => Promise<string>

beforeEach(() => {
  asked = []
  ask = gather<string, string>({
    keyOf: (question) => question.toLowerCase(),
    ask: (questions) =>
      new Promise((resolve, reject) => {
        asked.push({
          questions: [...questions],
          answer: (answers = questions.map((question) => `${question}!`)) => resolve(answers),
          fail: () => reject(new Error('away')),
        })
      }),
    maxQuestions: MAX_QUESTIONS,
    maxAtOnce: MAX_AT_ONCE,
  })
})

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))
const questionsAsked = () => asked.map(({ questions }) => questions)

test('what is asked in one turn is asked together, and each gets its own answer', async () => {
  const answers = [ask('a'), ask('b')]
  await Promise.resolve()
  answers.push(ask('c'))
  expect(asked).toEqual([])
  await nextTurn()
  expect(questionsAsked()).toEqual([['a', 'b', 'c']])
  asked[0]!.answer()
  expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!'])
})

test('the same question is asked once, but not answered from what was found out before', async () => {
  const first = ask('a')
  expect(ask('A')).toBe(first)
  await nextTurn()
  const later = ask('a')
  await nextTurn()
  expect(questionsAsked()).toEqual([['a'], ['a']])
  asked[0]!.answer(['old'])
  asked[1]!.answer(['new'])
  expect(await first).toBe('old')
  expect(await later).toBe('new')
})

test('no more are asked together, and no more often at once, than may be', async () => {
  const answers = Promise.all([...'abcdefgh'].map(ask))
  await nextTurn()
  expect(questionsAsked()).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e', 'f'],
  ])
  asked[1]!.answer()
  await nextTurn()
  expect(questionsAsked().slice(2)).toEqual([['g', 'h']])
  asked[0]!.answer()
  asked[2]!.answer()
  expect(await answers).toEqual([...'abcdefgh'].map((question) => `${question}!`))
})

test('where the answer fails it fails for those who asked, and for nobody after them', async () => {
  const answers = Promise.allSettled([ask('a'), ask('b')])
  await nextTurn()
  asked[0]!.fail()
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const later = ask('a')
  await nextTurn()
  asked[1]!.answer()
  expect(await later).toBe('a!')
})

test('nobody gets another one’s answer where some are missing', async () => {
  const answers = Promise.allSettled([ask('a'), ask('b')])
  await nextTurn()
  asked[0]!.answer(['only one'])
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})
