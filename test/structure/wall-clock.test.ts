import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** What runs for long beside others. The SDK is not part of it: pages are frozen, and their timers with them. */
const SOURCES = [
  'apps/api/src',
  'apps/realtime/src',
  'apps/standalone/src',
  'packages/embedded/src',
  'packages/internal/src',
  'packages/service-kit/src',
  'packages/shared-state/src',
]

/**
 * Where the time of day is read, how often, and for what: moments that others see, or that come from others. A
 * duration, an age or a deadline goes by `performance.now()`: the time of day is set, by an hour and more.
 */
const READERS: Record<string, [count: number, what: string]> = {
  'apps/api/src/assets/signed-addresses.ts': [2, 'when an address ends'],
  'apps/api/src/assets/store/incoming.ts': [1, 'the age of a file'],
  'apps/api/src/auth/access-tokens.ts': [1, 'when a token was signed'],
  'apps/api/src/documents/stored/open-document.ts': [1, 'when a document was found damaged'],
  'apps/api/src/events/authenticate.ts': [1, 'how much is left of a session'],
  'apps/api/src/events/service.ts': [1, 'the age of a row'],
  'apps/api/src/keys/service.ts': [1, 'whether a key would be over already'],
  'apps/api/src/sessions/start-session.ts': [1, 'when a session ends'],
  'apps/api/src/sign-in/pending-sign-ins.ts': [2, 'when a sign-in began, in a cookie'],
  'apps/realtime/src/access/token-expiry.ts': [1, 'when a token ends, for clients'],
  'packages/embedded/src/identity/token.ts': [1, 'when a token was signed'],
  'packages/service-kit/src/clock-skew.ts': [1, 'the time of day itself'],
  'packages/service-kit/src/access-tokens/valid-for.ts': [2, 'how much is left of a token'],
}

const READS = /\bDate\.now\b|\bnew Date\(\)|(?<!new )\bDate\(\)/g

test('nothing but moments that others see goes by the time of day', () => {
  const found = SOURCES.flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
      .map((path): [string, number] => {
        const source = readFileSync(join(root, path), 'utf8')
        return [join(root, path).replaceAll('\\', '/'), [...source.matchAll(READS)].length]
      }),
  ).filter(([, count]) => count > 0)
  const expected = Object.entries(READERS).map(([path, [count]]) => [path, count])
  expect(found.sort()).toEqual(expected.sort())
})
