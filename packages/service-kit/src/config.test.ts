import { Type } from 'typebox'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { loadConfig } from './config.ts'
import { StartupError } from './startup-error.ts'

const schema = Type.Object({
  HOST: Type.String({ default: '0.0.0.0', description: 'address to listen on' }),
  PORT: Type.Integer({ default: 8080, minimum: 0, maximum: 65535 }),
  MIGRATE: Type.Boolean({ default: true }),
  LEVEL: Type.Enum(['info', 'warn'], { default: 'info' }),
  PUBLIC_URL: Type.Optional(Type.String({ pattern: '^https?://' })),
  SECRET: Type.String({ minLength: 16, description: 'at least 16 characters' }),
})

const SECRET = 'sixteen-and-more'

/** The message of the error that this environment ends in. */
function problemsOf(environment: Record<string, string | undefined>): string {
  try {
    loadConfig(schema, environment)
  } catch (error) {
    expect(error).toBeInstanceOf(StartupError)
    return (error as Error).message
  }
  throw new Error('no problem was found')
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('a configuration', () => {
  test('is filled with defaults, and what is optional stays away', () => {
    expect(loadConfig(schema, { SECRET })).toEqual({
      HOST: '0.0.0.0',
      PORT: 8080,
      MIGRATE: true,
      LEVEL: 'info',
      SECRET,
    })
  })

  test('holds numbers as numbers', () => {
    expect(loadConfig(schema, { SECRET, PORT: '0' }).PORT).toBe(0)
    expect(loadConfig(schema, { SECRET, PORT: '65535' }).PORT).toBe(65_535)
  })

  test.each([
    ['0', false],
    ['1', true],
    ['false', false],
    ['true', true],
    [' 0 ', false],
  ])('takes %j for the switch %s', (text, expected) => {
    expect(loadConfig(schema, { SECRET, MIGRATE: text }).MIGRATE).toBe(expected)
  })

  test('holds text that looks like a number as text', () => {
    const digits = '1234567890123456'
    expect(loadConfig(schema, { SECRET: digits }).SECRET).toBe(digits)
  })

  test.each(['', ' ', '\t\n'])('counts what is set to %j as not set', (nothing) => {
    const all = { HOST: nothing, PORT: nothing, MIGRATE: nothing, LEVEL: nothing }
    const environment = { ...all, PUBLIC_URL: nothing, SECRET }
    expect(loadConfig(schema, environment)).toEqual(loadConfig(schema, { SECRET }))
    expect(problemsOf({ SECRET: nothing })).toContain('SECRET is required')
  })

  test('holds nothing that the schema does not name', () => {
    const config = loadConfig(schema, { SECRET, HOME: '/root', port: '1' })
    expect(Object.keys(config)).not.toContain('HOME')
    expect(config.PORT).toBe(8080)
  })

  test('comes from the environment it is given, not from that of the process', () => {
    vi.stubEnv('PORT', '1')
    vi.stubEnv('SECRET', SECRET)
    expect(loadConfig(schema, { SECRET }).PORT).toBe(8080)
    expect(problemsOf({})).toContain('SECRET is required')
  })

  test('leaves the schema as it was', () => {
    const fresh = Type.Object({ PORT: Type.Integer({ default: 8080 }) })
    loadConfig(fresh, {})
    expect(fresh).toEqual(Type.Object({ PORT: Type.Integer({ default: 8080 }) }))
  })
})

describe('a wrong configuration', () => {
  test.each<[string, string]>([
    ['PORT', '-1'],
    ['PORT', '65536'],
    ['PORT', '80.5'],
    ['PORT', 'http'],
    ['PORT', '80 81'],
    ['MIGRATE', 'yes'],
    ['MIGRATE', '2'],
    ['MIGRATE', 'constructor'],
    ['LEVEL', 'loud'],
    ['PUBLIC_URL', 'ftp://example.com'],
    ['SECRET', 'short'],
  ])('%s=%s is refused by name', (name, value) => {
    const message = problemsOf({ SECRET, [name]: value })
    expect(message).toContain('configuration has 1 problem:\n')
    expect(message).toMatch(new RegExp(`^ {2}${name} must `, 'm'))
  })

  test('is reported in full: every problem, one a line, with its hint', () => {
    const message = problemsOf({ PORT: 'x', LEVEL: 'loud', MIGRATE: 'maybe', PUBLIC_URL: 'y' })
    const [head, ...lines] = message.split('\n')
    expect(head).toBe('configuration has 5 problems:')
    expect(lines.map((line) => line.trim().split(' ')[0]).sort()).toEqual([
      'LEVEL',
      'MIGRATE',
      'PORT',
      'PUBLIC_URL',
      'SECRET',
    ])
    expect(lines).toContain('  SECRET is required (at least 16 characters)')
  })

  test('is reported without any value: it may be a secret in the wrong place', () => {
    const values = ['hunter2', 'hunter3', 'hunter4', 'hunter5', 'hunter6']
    const [PORT, LEVEL, MIGRATE, PUBLIC_URL, short] = values
    const message = problemsOf({ PORT, LEVEL, MIGRATE, PUBLIC_URL, SECRET: short })
    expect(message).toContain('5 problems')
    expect(message).not.toContain('hunter')
  })
})
