import { createMemorySharedState } from '@mindfuse/shared-state'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { createLocalRateCounter } from '../http/local-rate-counter.ts'
import { createGuesses, type Guesses } from './guesses.ts'

let guesses: Guesses

beforeEach(() => {
  const { rates: shared } = createMemorySharedState()
  const rates = createLocalRateCounter({
    shared,
    outage: { fail: () => undefined, recover: () => undefined },
  })
  onTestFinished(() => rates.close())
  guesses = createGuesses(rates)
})

const refused = expect.objectContaining({ status: 429, code: 'too_many_passwords' })
const guess = (link: string, address: string) => () => guesses.count(link, address)

test('an address has five wrong guesses at a link', () => {
  for (let i = 0; i < 5; i++) guess('link', '192.0.2.1')()
  expect(guess('link', '192.0.2.1')).toThrow(refused)
  expect(() => guesses.refuseSpent('link', '192.0.2.1')).toThrow(refused)
  expect(() => guesses.refuseSpent('link', '192.0.2.2')).not.toThrow()
  expect(guess('link', '192.0.2.2')).not.toThrow()
  expect(guess('other', '192.0.2.1')).not.toThrow()
})

test('addresses of one IPv6 network count together', () => {
  for (let i = 0; i < 5; i++) guess('link', `2001:db8::${i}`)()
  expect(guess('link', '2001:db8::ff')).toThrow(refused)
})

test('all addresses have twenty together, and those that are refused do not count', () => {
  for (let i = 0; i < 50; i++) {
    try {
      guess('link', '192.0.2.1')()
    } catch {
      // The sixth and later.
    }
  }
  for (let i = 0; i < 15; i++) guess('link', `198.51.100.${i}`)()
  expect(guess('link', '203.0.113.1')).toThrow(refused)
})

test('a right guess does not count', () => {
  for (let i = 0; i < 50; i++) guesses.count('link', '192.0.2.1').takeBack()
  expect(guess('link', '192.0.2.1')).not.toThrow()
})
