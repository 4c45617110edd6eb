import { Type } from 'typebox'
import { expect, test } from 'vitest'
import { loadConfig } from './config.ts'
import { redisServerOf, redisSettings } from './redis-settings.ts'

const schema = Type.Object(redisSettings)
const read = (environment: Record<string, string>) =>
  redisServerOf(loadConfig(schema, { REDIS_URL: 'rediss://:secret@main/2', ...environment }))

test('without Sentinels the server is the one of the URL', () => {
  expect(read({})).toEqual({ url: 'rediss://:secret@main/2' })
})

test('Sentinels are addresses, whose port may be left out', () => {
  expect(
    read({
      REDIS_SENTINELS: 'a.example:5000, 10.0.0.2,[fd00::1]:26380',
      REDIS_SENTINEL_PASSWORD: 'other',
    }).sentinels,
  ).toEqual({
    addresses: [
      { host: 'a.example', port: 5_000 },
      { host: '10.0.0.2', port: 26_379 },
      { host: 'fd00::1', port: 26_380 },
    ],
    username: undefined,
    password: 'other',
  })
})

test.each(['redis://a:26379', 'a:b', 'a b', 'a,', 'user@a'])(
  '%s is no list of Sentinels',
  (text) => {
    expect(() => read({ REDIS_SENTINELS: text })).toThrow(/REDIS_SENTINELS/)
  },
)
