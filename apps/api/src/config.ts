import { LOG_LEVELS, ORIGINS_PATTERN, tracingSettings } from '@mindfuse/service-kit'
import { Type } from 'typebox'

/** Everything the API reads from its environment. */
export const apiConfigSchema = Type.Object({
  API_HOST: Type.String({ default: '0.0.0.0', description: 'address to listen on' }),
  API_PORT: Type.Integer({
    default: 8080,
    minimum: 0,
    maximum: 65535,
    description: 'port to listen on; 0 picks a free one',
  }),
  API_INTERNAL_PORT: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 65535,
      description: 'separate port for /internal and /metrics, which API_PORT then no longer serves',
    }),
  ),
  PUBLIC_API_URL: Type.Optional(
    Type.String({
      pattern: '^https?://[^/\\s]+$',
      description: 'public origin of the API; http://localhost:<API_PORT> by default',
    }),
  ),
  WEB_ORIGINS: Type.Optional(
    Type.String({
      pattern: ORIGINS_PATTERN,
      description:
        'origins of the web app, separated by commas; sign-in redirects to the first; PUBLIC_API_URL by default',
    }),
  ),
  PUBLIC_REALTIME_URL: Type.String({
    default: 'ws://localhost:8081/ws',
    pattern: '^wss?://[^\\s;,"\'<>]+/ws$',
    description: 'gateway URL for the web app',
  }),
  DATABASE_URL: Type.String({
    pattern: '^postgres(ql)?://',
    description: 'postgres://user:password@host:5432/database',
  }),
  DATABASE_POOL_SIZE: Type.Integer({
    default: 10,
    minimum: 1,
    maximum: 1000,
    description: 'PostgreSQL connections at most',
  }),
  REDIS_URL: Type.String({
    pattern: '^rediss?://',
    description: 'Dragonfly or another Redis-compatible server, redis://host:6379',
  }),
  INTERNAL_SECRET: Type.String({
    minLength: 16,
    description: 'shared with the gateways, at least 16 characters',
  }),
  INTERNAL_SECRET_PREVIOUS: Type.Optional(
    Type.String({
      minLength: 16,
      description: 'a second accepted secret, while INTERNAL_SECRET is rotated',
    }),
  ),
  OIDC_ISSUER: Type.String({
    default: 'https://accounts.google.com',
    pattern: '^https?://',
    description: 'issuer URL of the identity provider',
  }),
  GOOGLE_CLIENT_ID: Type.String({ description: 'OAuth client id' }),
  GOOGLE_CLIENT_SECRET: Type.String({ description: 'OAuth client secret' }),
  MIGRATE: Type.Boolean({
    default: true,
    description: 'whether to migrate the database on start; 0 or 1',
  }),
  TRUSTED_PROXIES: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 10,
    description: 'number of proxies in front of the API that set X-Forwarded-For',
  }),
  RATE_LIMIT_FACTOR: Type.Number({
    default: 1,
    exclusiveMinimum: 0,
    description: 'multiplies every rate limit',
  }),
  ...tracingSettings,
  LOG_LEVEL: Type.Enum([...LOG_LEVELS], {
    default: 'info',
    description: LOG_LEVELS.join(', '),
  }),
})
