import { loadConfig, StartupError } from '@mindfuse/service-kit'
import { describe, expect, test } from 'vitest'
import { adminsOf, apiConfigSchema } from './config.ts'
import { providersOf } from './identity-providers.ts'

const REQUIRED = {
  DATABASE_URL: 'postgres://localhost/mindfuse',
  REDIS_URL: 'redis://localhost',
  INTERNAL_SECRET: 'sixteen-and-more',
  GOOGLE_CLIENT_ID: 'id',
  GOOGLE_CLIENT_SECRET: 'secret',
}
const OKTA = 'https://example.okta.com'
const adminsIn = (ADMINS: string) => {
  const okta = { id: 'okta', name: 'Okta', issuer: OKTA, clientId: 'c', clientSecret: 's' }
  const config = loadConfig(apiConfigSchema, {
    ...{ ...REQUIRED, ADMINS },
    OIDC_PROVIDERS: JSON.stringify([okta]),
  })
  return adminsOf(config, providersOf(config))
}

const GOOGLE = 'https://accounts.google.com'

describe('ADMINS', () => {
  test('are nobody by default', () => expect(adminsIn('')).toEqual([]))

  test('are identities at a provider', () => {
    expect(adminsIn(`${GOOGLE}:117`)).toEqual([`${GOOGLE}:117`])
    expect(adminsIn(`${OKTA}:117`)).toEqual([`${OKTA}:117`])
    expect(adminsIn(`${GOOGLE}:117, ${GOOGLE}:a|b:c`)).toEqual([`${GOOGLE}:117`, `${GOOGLE}:a|b:c`])
  })

  test.each([
    'ada@example.com',
    'google:117',
    GOOGLE,
    `${GOOGLE}:`,
    `${GOOGLE}:117,`,
    `${GOOGLE}:117 ${GOOGLE}:118`,
    `${GOOGLE}:117,https://issuer.example:118`,
  ])('%s is refused at the start', (list) => {
    expect(() => adminsIn(list)).toThrow(StartupError)
  })
})
