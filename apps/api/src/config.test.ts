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

describe('ASSETS_S3_ENDPOINT', () => {
  const problemsOf = (settings: Record<string, string>) => {
    try {
      loadConfig(apiConfigSchema, { ...REQUIRED, ...settings })
      return []
    } catch (error) {
      return (error as Error).message.match(/^ {2}ASSETS_\w+/gm)
    }
  }

  test('comes with a bucket and keys', () => {
    const endpoint = { ASSETS_S3_ENDPOINT: 'https://s3.example' }
    const keys = { ASSETS_S3_ACCESS_KEY_ID: 'id', ASSETS_S3_SECRET_ACCESS_KEY: 'secret' }
    expect(problemsOf({ ...endpoint, ...keys, ASSETS_S3_BUCKET: 'files' })).toEqual([])
    expect(problemsOf(endpoint)).toEqual([
      '  ASSETS_S3_BUCKET',
      '  ASSETS_S3_ACCESS_KEY_ID',
      '  ASSETS_S3_SECRET_ACCESS_KEY',
    ])
    expect(problemsOf({ ASSETS_S3_BUCKET: 'files' })).toEqual(['  ASSETS_S3_ENDPOINT'])
  })

  test.each(['s3.example', 'https://s3.example/files', 's3://files'])('is no %s', (endpoint) => {
    expect(problemsOf({ ASSETS_S3_ENDPOINT: endpoint })).toContain('  ASSETS_S3_ENDPOINT')
  })
})

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
