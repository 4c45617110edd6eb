import { CLOSE_CODES } from '@mindfuse/protocol'
import { describe, expect, test } from 'vitest'
import { MindfuseError } from '../errors.ts'
import { nextStepAfterClose, nextStepAfterRefusal, nextStepAfterTokenError } from './next-step.ts'

const ofClose = (code: number, retryAfterMs?: number) =>
  nextStepAfterClose(code, { retryAfterMs, random: () => 0.5 })

describe('a close code', () => {
  test.each([
    [CLOSE_CODES.MALFORMED, 'protocol'],
    [CLOSE_CODES.ACCESS_REMOVED, 'access_removed'],
    [CLOSE_CODES.BOARD_GONE, 'board_not_found'],
    [CLOSE_CODES.TOO_LARGE, 'too_large'],
    [4499, 'protocol'],
  ])('%i is permanent', (code, reason) => {
    expect(ofClose(code)).toMatchObject({ kind: 'denied', reason })
    expect(ofClose(code, 10)).toMatchObject({ kind: 'denied', reason })
  })

  test.each([
    CLOSE_CODES.INTERNAL_ERROR,
    CLOSE_CODES.STORAGE_UNAVAILABLE,
    CLOSE_CODES.TOO_SLOW,
    CLOSE_CODES.RATE_LIMITED,
    4599,
    1000,
    1001,
    1006,
  ])('%i is retried with backoff', (code) => {
    expect(ofClose(code)).toEqual({ kind: 'retry', code: `${code}` })
  })

  test('1012 is retried when the gateway asked for it, or within 5 seconds', () => {
    expect(ofClose(CLOSE_CODES.SERVICE_RESTART, 700)).toMatchObject({ afterMs: 700 })
    expect(ofClose(CLOSE_CODES.SERVICE_RESTART)).toMatchObject({ afterMs: 2_500 })
  })

  test('of a gateway that was cut off after `going-away` is retried when that asked for it', () => {
    expect(ofClose(1006, 700)).toMatchObject({ kind: 'retry', afterMs: 700 })
  })

  test('4501 is retried immediately, with another token', () => {
    expect(ofClose(CLOSE_CODES.TOKEN_EXPIRED)).toEqual({
      kind: 'retry',
      code: 'token_expired',
      rejectsToken: true,
      isDue: true,
    })
  })

  test('4401 is retried with another token: the API decides, and older gateways mean the token', () => {
    expect(ofClose(CLOSE_CODES.SESSION_ENDED)).toEqual({
      kind: 'retry',
      code: 'session_ended',
      rejectsToken: true,
    })
  })
})

describe('a refused upgrade', () => {
  const refused = (status: number, code: string, retryAfterMs?: number) =>
    nextStepAfterRefusal(new MindfuseError(code, '', { status, retryAfterMs }))

  test('with 401 is retried with another token', () => {
    expect(refused(401, 'session_ended')).toMatchObject({ kind: 'retry', rejectsToken: true })
  })

  test('of a board or an origin is permanent', () => {
    expect(refused(404, 'board_not_found')).toMatchObject({ reason: 'board_not_found' })
    expect(refused(403, 'origin_not_allowed')).toMatchObject({ reason: 'origin_not_allowed' })
  })

  test.each([
    [426, 'upgrade_required'],
    [429, 'board_crowded'],
    [500, 'internal_error'],
    [503, 'permission_unavailable'],
    [404, 'not_an_answer'],
    [502, 'not_an_answer'],
    [0, 'network_error'],
  ])('with %i %s is retried', (status, code) => {
    expect(refused(status, code)).toMatchObject({ kind: 'retry', code })
  })

  test('is not retried earlier than the server asked for', () => {
    expect(refused(429, 'too_many_connections', 3_000)).toMatchObject({ minMs: 3_000 })
  })
})

test('without a token, only a 401 or 403 asks the user to sign in', () => {
  const error = (status: number) => new MindfuseError('x', '', { status })
  expect(nextStepAfterTokenError(error(401))).toMatchObject({ reason: 'sign_in_required' })
  expect(nextStepAfterTokenError(error(403))).toMatchObject({ reason: 'sign_in_required' })
  const another = new MindfuseError('signed_in_as_another', 'Another user')
  expect(nextStepAfterTokenError(another)).toMatchObject({ reason: 'signed_in_as_another' })
  expect(nextStepAfterTokenError(error(503))).toMatchObject({ kind: 'retry' })
  expect(nextStepAfterTokenError(new TypeError('a bug'))).toMatchObject({ kind: 'retry' })
})
