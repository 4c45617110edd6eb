import { StartupError } from '@mindfuse/service-kit'
import { expect, test } from 'vitest'
import { providersOf } from './identity-providers.ts'

const GOOGLE = {
  OIDC_ISSUER: 'https://accounts.google.com',
  GOOGLE_CLIENT_ID: 'id',
  GOOGLE_CLIENT_SECRET: 'secret',
}
const OKTA = {
  ...{ id: 'okta', name: 'Okta', issuer: 'https://example.okta.com' },
  ...{ clientId: 'id', clientSecret: 's3cret' },
}
const withProviders = (...providers: unknown[]) => ({
  OIDC_ISSUER: 'https://accounts.google.com',
  OIDC_PROVIDERS: JSON.stringify(providers),
})

test('the one of the older settings comes first, and is trusted for email', () => {
  const providers = providersOf({ ...GOOGLE, ...withProviders(OKTA) })
  expect(providers).toMatchObject([
    { id: 'google', name: 'Google', key: GOOGLE.OIDC_ISSUER, trustEmail: true },
    { ...OKTA, key: OKTA.issuer, trustEmail: false },
  ])
})

test('another issuer in its place is called by its host', () => {
  const [provider] = providersOf({ ...GOOGLE, OIDC_ISSUER: 'https://id.example.com/realms/a' })
  expect(provider).toMatchObject({ id: 'google', name: 'id.example.com' })
})

test('it can be left out where there are others', () => {
  expect(providersOf(withProviders({ ...OKTA, trustEmail: true }))).toMatchObject([
    { id: 'okta', trustEmail: true },
  ])
})

test.each([
  ['none at all', { OIDC_ISSUER: GOOGLE.OIDC_ISSUER }],
  ['an empty list', withProviders()],
  ['an id without its secret', { ...GOOGLE, GOOGLE_CLIENT_SECRET: undefined as never }],
  ['what is no JSON', { ...GOOGLE, OIDC_PROVIDERS: 's3cret' }],
  ['what is no list', { ...GOOGLE, OIDC_PROVIDERS: JSON.stringify(OKTA) }],
  ['a field that nobody reads', withProviders({ ...OKTA, trustsEmail: true })],
  ['one without an issuer', withProviders({ ...OKTA, issuer: undefined })],
  ['an id that is no part of a URL', withProviders({ ...OKTA, id: '../x' })],
  ['an id that is another route', withProviders({ ...OKTA, id: 'token' })],
  ['one id twice', withProviders(OKTA, { ...OKTA, issuer: 'https://other.okta.com' })],
  ['the id of Google twice', { ...GOOGLE, ...withProviders({ ...OKTA, id: 'google' }) }],
  ['one issuer twice', withProviders(OKTA, { ...OKTA, id: 'other' })],
])('%s is refused at the start, without a secret', (_what, config) => {
  const start = () => providersOf(config)
  expect(start).toThrow(StartupError)
  expect(start).not.toThrow(/s3cret/)
})
