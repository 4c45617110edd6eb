import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { resolveReturnTo } from './return-to.ts'

const WEB = 'https://whiteboard.example'
const ROOT = 'https://whiteboard.example/'

describe('after sign-in', () => {
  test.each([
    ['/', ROOT],
    ['/boards/1', `${ROOT}boards/1`],
    ['/boards/1?tab=2#shape', `${ROOT}boards/1?tab=2#shape`],
    ['/a/../b', `${ROOT}b`],
    ['/../../etc', `${ROOT}etc`],
    ['/search?next=https://evil.example', `${ROOT}search?next=https://evil.example`],
    ['/@evil.example', `${ROOT}@evil.example`],
    ['/é', `${ROOT}%C3%A9`],
  ])('%s is a place in the web app', (returnTo, expected) => {
    expect(resolveReturnTo(returnTo, WEB)).toBe(expected)
  })

  test.each([
    undefined,
    '',
    'boards/1',
    'https://evil.example/',
    `${WEB}.evil.example/`,
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\\/evil.example',
    '//evil.example\\@whiteboard.example',
    '//user@evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/\r\n/evil.example',
    '\t//evil.example',
    ' //evil.example',
    '//whiteboard.example:444/',
    '//[',
    'javascript:alert(1)',
    'data:text/html,x',
  ])('%j is none, and leads to its root', (returnTo) => {
    expect(resolveReturnTo(returnTo, WEB)).toBe(ROOT)
  })

  test('nobody leaves the origin of the web app, whatever was asked for', () => {
    const hostile = fc
      .array(
        fc.oneof(
          fc.constantFrom('/', '\\', '\t', '\n', '.', '..', '@', ':', '?', '#', '%2f', '%5c'),
          fc.constantFrom('evil.example', 'whiteboard.example', 'https:', 'javascript:'),
          fc.string({ maxLength: 3 }),
        ),
        { maxLength: 8 },
      )
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(hostile, fc.constantFrom('', '/', '//'), (text, start) => {
        const target = resolveReturnTo(start + text, WEB)
        // A browser reads the redirect once more.
        expect(new URL(target).origin).toBe(WEB)
      }),
      { numRuns: 2_000 },
    )
  })

  test('the port of the web app is kept', () => {
    expect(resolveReturnTo('/x', 'http://localhost:5173')).toBe('http://localhost:5173/x')
    expect(resolveReturnTo('//localhost/x', 'http://localhost:5173')).toBe('http://localhost:5173/')
  })
})
