import { StartupError } from '@mindfuse/service-kit'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

/** Parts of `/api/auth/…` that are not providers. */
const RESERVED_IDS = ['me', 'token', 'logout', 'sessions', 'sign-in', 'providers']

/** What a provider is called in URLs. */
export const providerIdSchema = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,31}$',
  description: 'names the identity provider',
})

/** The provider that `OIDC_ISSUER` and `GOOGLE_…` describe. */
export const DEFAULT_PROVIDER_ID = 'google'

const GOOGLE_ISSUER = 'https://accounts.google.com'

/** A provider as `OIDC_PROVIDERS` describes it. */
const providerSchema = Type.Object(
  {
    id: providerIdSchema,
    name: Type.String({ minLength: 1, maxLength: 60 }),
    issuer: Type.String({ pattern: '^https?://' }),
    clientId: Type.String({ minLength: 1 }),
    clientSecret: Type.String({ minLength: 1 }),
    trustEmail: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)
const providersSchema = Type.Array(providerSchema, { maxItems: 20 })

/** An identity provider that people sign in with. */
export interface ProviderSettings {
  id: string
  /** What people read on its button. */
  name: string
  issuer: string
  clientId: string
  clientSecret: string
  /** What `users.oauth_provider` calls it. */
  key: string
  /**
   * Whether an email that it vouches for proves whose it is: such a person is offered what is bound to that
   * email. Where anybody may enter any email, that must not be.
   */
  trustEmail: boolean
}

/** The settings that describe identity providers. */
interface ProviderConfig {
  OIDC_ISSUER: string
  GOOGLE_CLIENT_ID?: string
  GOOGLE_CLIENT_SECRET?: string
  OIDC_PROVIDERS?: string
}

/** All identity providers, in the order in which people are shown them. @throws StartupError */
export function providersOf(config: ProviderConfig): ProviderSettings[] {
  const { OIDC_ISSUER: issuer, GOOGLE_CLIENT_ID: clientId, GOOGLE_CLIENT_SECRET: secret } = config
  if ((clientId === undefined) !== (secret === undefined)) {
    throw new StartupError('Set both GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET, or neither')
  }
  const providers = readProviders(config.OIDC_PROVIDERS)
  if (clientId !== undefined && secret !== undefined) {
    providers.unshift({
      id: DEFAULT_PROVIDER_ID,
      name: issuer === GOOGLE_ISSUER ? 'Google' : new URL(issuer).host,
      ...{ issuer, clientId, clientSecret: secret, key: issuer },
      trustEmail: true,
    })
  }
  if (providers.length === 0) {
    throw new StartupError(
      'Nobody could sign in: set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET, or OIDC_PROVIDERS',
    )
  }
  for (const field of ['id', 'key'] as const) {
    const twice = providers.find(
      (provider, i) => providers.findIndex((other) => other[field] === provider[field]) !== i,
    )
    if (twice)
      throw new StartupError(`Two identity providers have the same ${field}: ${twice[field]}`)
  }
  return providers
}

/** @throws StartupError, which quotes nothing: there are secrets in it */
function readProviders(text: string | undefined): ProviderSettings[] {
  if (text === undefined) return []
  let providers: unknown
  try {
    providers = JSON.parse(text)
  } catch {
    throw new StartupError('OIDC_PROVIDERS is no JSON')
  }
  if (!Value.Check(providersSchema, providers)) {
    const [error] = Value.Errors(providersSchema, providers)
    throw new StartupError(`OIDC_PROVIDERS${error?.instancePath ?? ''} ${error?.message ?? ''}`)
  }
  const reserved = providers.find(({ id }) => RESERVED_IDS.includes(id))
  if (reserved) throw new StartupError(`OIDC_PROVIDERS: the id ${reserved.id} is taken`)
  return providers.map(toSettings)
}

const toSettings = (provider: Static<typeof providerSchema>): ProviderSettings => ({
  ...provider,
  key: provider.issuer,
  trustEmail: provider.trustEmail ?? false,
})
