import { describe, expect, test } from 'vitest'
import { createLogger, LOG_LEVELS, type LogLevel } from './logger.ts'

/** A logger, and the lines that it wrote. */
function capture(level: LogLevel = 'trace') {
  const lines: string[] = []
  const log = createLogger({ service: 'test', level }, { write: (line) => void lines.push(line) })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') }
}

const SECRET = 'c2VjcmV0'

describe('a log line', () => {
  test('is JSON that says when, how grave, which service and what', () => {
    const { log, last } = capture()
    log.warn({ boardId: 'b' }, 'something happened')
    expect(last()).toEqual({
      level: 40,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      service: 'test',
      boardId: 'b',
      msg: 'something happened',
    })
  })

  test('is written at its level and above', () => {
    const { log, lines } = capture('warn')
    log.info('quiet')
    expect(lines).toEqual([])
    log.error('loud')
    expect(lines).toHaveLength(1)
  })

  test('is not written at all when silent', () => {
    const { log, lines } = capture('silent')
    log.fatal('loudest')
    expect(lines).toEqual([])
  })

  test('takes every level it says it takes', () => {
    for (const level of LOG_LEVELS) expect(capture(level).log.level).toBe(level)
  })
})

describe('secrets', () => {
  const headers = {
    authorization: `Bearer ${SECRET}`,
    cookie: `mindfuse_session=${SECRET}`,
    'set-cookie': [`mindfuse_session=${SECRET}`],
    'sec-websocket-protocol': `whiteboard.v1, bearer.${SECRET}`,
  }
  const PLACES: [string, object][] = [
    ['at the top', { ...headers, token: SECRET }],
    ['one level down', { request: { ...headers, token: SECRET } }],
    ['in headers', { headers }],
    ['in the headers of a request', { req: { headers } }],
    ['in the headers of a response', { res: { headers } }],
  ]

  test.each(PLACES)('are not written %s', (_, fields) => {
    const { log, lines } = capture()
    const before = structuredClone(fields)
    log.info({ ...fields, kept: 'this' }, 'text')
    log.child(fields).info('text')
    expect(lines).toHaveLength(2)
    expect(lines.join()).not.toContain(SECRET)
    expect(lines[0]).toContain('[redacted]')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ kept: 'this', msg: 'text' })
    expect(fields).toEqual(before)
  })
})

describe('an error', () => {
  /** As drivers throw them: with the connection, the statement and its values hung on. */
  function driverError(): Error {
    const client = { password: SECRET, sockets: Array(1_000).fill({ buffer: SECRET }) }
    const cause = Object.assign(new TypeError('inner'), { config: { secret: SECRET } })
    return Object.assign(new Error('outer', { cause }), {
      code: 'ECONNREFUSED',
      client: Object.assign(client, { self: client }),
      parameters: [SECRET],
      detail: `Key (email)=(${SECRET})`,
    })
  }
  const EXPECTED = {
    type: 'Error',
    message: 'outer',
    code: 'ECONNREFUSED',
    stack: expect.stringMatching(/^Error: outer\n {4}at /),
    cause: {
      type: 'TypeError',
      message: 'inner',
      stack: expect.stringMatching(/^TypeError: inner\n/),
    },
  }

  test('is type, message, code, stack and cause, and nothing that hangs on it', () => {
    const { log, lines, last } = capture()
    log.error({ err: driverError() }, 'failed')
    expect(last().err).toEqual(EXPECTED)
    expect(lines.join()).not.toContain(SECRET)
  })

  test('logged alone is the same', () => {
    const { log, lines, last } = capture()
    log.error(driverError())
    expect(last().err).toEqual(EXPECTED)
    expect(lines.join()).not.toContain(SECRET)
  })

  test('of a class of ours goes by its name', () => {
    class Refusal extends Error {
      override name = 'Refusal'
    }
    const { log, last } = capture()
    log.error({ err: new Refusal('no') }, 'refused')
    expect(last().err).toMatchObject({ type: 'Refusal', message: 'no' })
  })

  test('that is its own cause is written, and the logger lives', () => {
    const { log, last } = capture()
    const error = new Error('round and round')
    error.cause = error
    log.error({ err: error }, 'failed')
    expect(last().err).toMatchObject({ message: 'round and round', cause: { type: 'Error' } })
  })

  test('that is no Error is written as it is', () => {
    const { log, last } = capture()
    log.error({ err: 'text' }, 'failed')
    expect(last().err).toBe('text')
  })
})
