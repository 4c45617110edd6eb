import { describe, expect, test } from 'vitest'
import { createLogger } from './logger.ts'
import { createOriginCheck, ORIGINS_PATTERN, parseOrigins } from './origins.ts'
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

describe('an origin check', () => {
  const WEB = 'https://whiteboard.example'

  function checkOf(allowLoopbackPages: boolean) {
    const lines: string[] = []
    const log = createLogger(
      { service: 'test', level: 'warn' },
      { write: (line) => void lines.push(JSON.parse(line)) },
    )
    return { allows: createOriginCheck({ webOrigins: [WEB], allowLoopbackPages, log }), lines }
  }

  const LOOPBACK = [
    'http://localhost:5173',
    'https://localhost',
    'http://127.0.0.1:8080',
    'http://[::1]:1',
  ]
  const OTHERS = [
    `${WEB}.evil.example`,
    `${WEB}:8443`,
    'http://whiteboard.example',
    'null',
    '',
    'http://localhost.evil.example',
    'http://evil.example/?http://localhost:5173',
    'http://127.0.0.10:80',
    'file://localhost',
  ]

  test('allows exactly the configured origins', () => {
    const { allows } = checkOf(false)
    expect(allows(WEB)).toBe(true)
    for (const origin of [...LOOPBACK, ...OTHERS]) expect(allows(origin), origin).toBe(false)
  })

  test('allows pages of this machine on any port if told to, and no others', () => {
    const { allows } = checkOf(true)
    for (const origin of [WEB, ...LOOPBACK]) expect(allows(origin), origin).toBe(true)
    for (const origin of OTHERS) expect(allows(origin), origin).toBe(false)
  })

  test('logs each refused origin once, with the setting to change', () => {
    const { allows, lines } = checkOf(false)
    for (let i = 0; i < 3; i++) allows('http://localhost:5173')
    expect(lines).toEqual([
      expect.objectContaining({
        origin: 'http://localhost:5173',
        msg: expect.stringContaining('WEB_ORIGINS'),
      }),
    ])
  })

  test('logs no more than a hundred, each cut short', () => {
    const { allows, lines } = checkOf(false)
    for (let i = 0; i < 200; i++) allows(`https://${i}.${'x'.repeat(10_000)}`)
    expect(lines).toHaveLength(100)
    expect(JSON.stringify(lines).length).toBeLessThan(100_000)
  })
})
