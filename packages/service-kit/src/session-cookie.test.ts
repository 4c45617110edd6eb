import { expect, test } from 'vitest'
import { hashSessionToken, readSessionCookies, sessionCookieName } from './session-cookie.ts'

const VALUE = `${'Az09-_'.repeat(7)}x`
const OTHER = 'y'.repeat(43)
const plain = { name: 'mindfuse_session', hash: hashSessionToken(VALUE) }
const hostBound = { name: '__Host-mindfuse_session', hash: hashSessionToken(VALUE) }

test('the hash of a value is its SHA-256 in hex', () => {
  // FIPS 180-2, appendix B.1.
  expect(hashSessionToken('abc')).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  )
})

test('over https the name ties the cookie to its host', () => {
  expect(sessionCookieName('session', { isSecure: true })).toBe(hostBound.name)
  expect(sessionCookieName('session', { isSecure: false })).toBe(plain.name)
  expect(sessionCookieName('guest', { isSecure: true })).toBe('__Host-mindfuse_guest')
})

test.each([
  [`mindfuse_session=${VALUE}`, [plain]],
  [`a=b; mindfuse_session=${VALUE}; c=d`, [plain]],
  [`a=b;mindfuse_session=${VALUE};c=d`, [plain]],
  [`__Host-mindfuse_session=${VALUE}`, [hostBound]],
  [`mindfuse_session=${VALUE}; __Host-mindfuse_session=${VALUE}`, [plain, hostBound]],
  [`mindfuse_guest=${VALUE}`, [{ ...plain, name: 'mindfuse_guest' }]],
  // Of two with one name the first counts, as for the API.
  [`mindfuse_session=${VALUE}; mindfuse_session=${OTHER}`, [plain]],
])('ADM-16: reads the session cookies of %j', (header, expected) => {
  expect(readSessionCookies(header)).toEqual(expected)
})

test.each([
  '',
  'mindfuse_session',
  'mindfuse_session=',
  `mindfuse_session=${VALUE.slice(1)}`,
  `mindfuse_session=${VALUE}x`,
  `mindfuse_session=${VALUE.slice(1)}%`,
  `mindfuse_session="${VALUE.slice(2)}"`,
  `mindfuse_session =${VALUE}`,
  `Mindfuse_session=${VALUE}`,
  `xmindfuse_session=${VALUE}`,
  `__Secure-mindfuse_session=${VALUE}`,
  `a=mindfuse_session=${VALUE}`,
  `a="; mindfuse_sessions=${VALUE}`,
  `${'mindfuse_session='.repeat(10_000)}`,
  `${'; '.repeat(100_000)}`,
])('reads no session cookie of %.60j', (header) => {
  expect(readSessionCookies(header)).toEqual([])
})
