import { expect, it } from 'vitest'
import { AuthorizationCodes } from './authorization-codes.ts'

const grant = {
  person: { sub: '1', email: 'ada@example.com', name: 'Ada' },
  clientId: 'local',
  redirectUri: 'http://localhost/',
  codeChallenge: '',
  nonce: null,
}

it('forgets a code after a minute', () => {
  let now = 0
  const codes = new AuthorizationCodes(() => now)
  const [early, late] = [codes.issue(grant), codes.issue(grant)]
  now = 59_999
  expect(codes.redeem(early)).toBe(grant)
  now = 60_000
  expect(codes.redeem(late)).toBeUndefined()
})

it('keeps the newest thousand', () => {
  const codes = new AuthorizationCodes()
  const issued = Array.from({ length: 1_001 }, () => codes.issue(grant))
  expect(codes.redeem(issued[0] ?? '')).toBeUndefined()
  expect(codes.redeem(issued[1] ?? '')).toBe(grant)
})
