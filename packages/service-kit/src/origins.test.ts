import { describe, expect, test } from 'vitest'
import { ORIGINS_PATTERN, parseOrigins } from './origins.ts'
import { StartupError } from './startup-error.ts'

const pattern = new RegExp(ORIGINS_PATTERN)

describe('a list of origins', () => {
  test.each<[string, string[]]>([
    ['https://whiteboard.example', ['https://whiteboard.example']],
    ['http://localhost:5173', ['http://localhost:5173']],
    ['https://a.example,https://b.example', ['https://a.example', 'https://b.example']],
    ['https://a.example,  https://b.example', ['https://a.example', 'https://b.example']],
    // Browsers send hosts in small letters and leave the scheme's own port out.
    ['https://Whiteboard.Example:443', ['https://whiteboard.example']],
    ['http://a.example:80,http://a.example:443', ['http://a.example', 'http://a.example:443']],
    ['http://[::1]:8080', ['http://[::1]:8080']],
    ['https://bücher.example', ['https://xn--bcher-kva.example']],
  ])('%s is read as browsers send it', (list, expected) => {
    expect(list).toMatch(pattern)
    expect(parseOrigins(list)).toEqual(expected)
  })

  test.each([
    '',
    '*',
    'whiteboard.example',
    'ftp://whiteboard.example',
    'https://',
    'https://whiteboard.example/',
    'https://whiteboard.example/path',
    'https://a.example,',
    ',https://a.example',
    'https://a.example,b.example',
    'https://a.example https://b.example',
    'https://a.example\nhttps://b.example',
    'null',
  ])('%j is none', (list) => {
    expect(list).not.toMatch(pattern)
  })
})

test('what only looks like an origin is a StartupError that names it', () => {
  expect(() => parseOrigins('http://a.example,http://b.example:99999')).toThrow(
    new StartupError('WEB_ORIGINS: http://b.example:99999 is not an origin'),
  )
})
