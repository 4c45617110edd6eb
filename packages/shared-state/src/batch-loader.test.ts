import { beforeEach, expect, test } from 'vitest'
import { createBatchLoader } from './batch-loader.ts'

const MAX_BATCH = 3
const MAX_IN_FLIGHT = 2

/** The batches that were sent, with the ways to answer them. */
let sent: { keys: string[]; answer: (values?: string[]) => void; fail: () => void }[]
let load: (key: string) => Promise<string>

beforeEach(() => {
  sent = []
  load = createBatchLoader<string, string>({
    identify: (key) => key.toLowerCase(),
    load: (keys) =>
      new Promise((resolve, reject) => {
        sent.push({
          keys: [...keys],
          answer: (values = keys.map((key) => `${key}!`)) => resolve(values),
          fail: () => reject(new Error('away')),
        })
      }),
    maxBatch: MAX_BATCH,
    maxInFlight: MAX_IN_FLIGHT,
  })
})

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))
const batches = () => sent.map(({ keys }) => keys)

test('keys of one turn are loaded in one batch, and each gets its own value', async () => {
  const values = [load('a'), load('b')]
  await Promise.resolve()
  values.push(load('c'))
  expect(sent).toEqual([])
  await nextTurn()
  expect(batches()).toEqual([['a', 'b', 'c']])
  sent[0]!.answer()
  expect(await Promise.all(values)).toEqual(['a!', 'b!', 'c!'])
})

test('a pending key is loaded once, but never from a batch sent earlier', async () => {
  const first = load('a')
  expect(load('A')).toBe(first)
  await nextTurn()
  const later = load('a')
  await nextTurn()
  expect(batches()).toEqual([['a'], ['a']])
  sent[0]!.answer(['old'])
  sent[1]!.answer(['new'])
  expect(await first).toBe('old')
  expect(await later).toBe('new')
})

test('batches are limited in size, and in how many are in flight', async () => {
  const values = Promise.all([...'abcdefgh'].map(load))
  await nextTurn()
  expect(batches()).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e', 'f'],
  ])
  sent[1]!.answer()
  await nextTurn()
  expect(batches().slice(2)).toEqual([['g', 'h']])
  sent[0]!.answer()
  sent[2]!.answer()
  expect(await values).toEqual([...'abcdefgh'].map((key) => `${key}!`))
})

test('a failed batch rejects its own keys and no later ones', async () => {
  const values = Promise.allSettled([load('a'), load('b')])
  await nextTurn()
  sent[0]!.fail()
  expect((await values).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const later = load('a')
  await nextTurn()
  sent[1]!.answer()
  expect(await later).toBe('a!')
})

test('no key gets the value of another where some are missing', async () => {
  const values = Promise.allSettled([load('a'), load('b')])
  await nextTurn()
  sent[0]!.answer(['only one'])
  expect((await values).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})
