import { LOG_LEVELS, ORIGINS_PATTERN } from '@mindfuse/service-kit'
import { type Static, Type } from 'typebox'

/** Everything `npm start` reads from its environment. */
export const standaloneConfigSchema = Type.Object({
  API_PORT: Type.Integer({
    default: 8080,
    minimum: 0,
    maximum: 65535,
    description: 'port of the API; 0 picks a free one',
  }),
  REALTIME_PORT: Type.Integer({
    default: 8081,
    minimum: 0,
    maximum: 65535,
    description: 'port of the gateway; 0 picks a free one',
  }),
  PUBLIC_METRICS: Type.Boolean({
    default: false,
    description: 'whether both ports serve /metrics; 0 or 1',
  }),
  WEB_ORIGINS: Type.Optional(
    Type.String({
      pattern: ORIGINS_PATTERN,
      description:
        'origins of the web app, separated by commas; pages of this machine are allowed without',
    }),
  ),
  EMBED_ORIGINS: Type.Optional(
    Type.String({
      pattern: ORIGINS_PATTERN,
      description:
        'origins of pages that may show boards in a frame, separated by commas; none by default',
    }),
  ),
  ADMIN_EMAILS: Type.Optional(
    Type.String({
      pattern: '^[^\\s,]+(, *[^\\s,]+)*$',
      description: 'who administers, separated by commas; nobody by default',
    }),
  ),
  DATA_DIR: Type.String({ default: '.data', description: 'where the database and files are kept' }),
  LOG_LEVEL: Type.Enum([...LOG_LEVELS], { default: 'warn', description: LOG_LEVELS.join(', ') }),
})

/** The configuration of `npm start`, as read by `loadConfig`. */
export type StandaloneConfig = Static<typeof standaloneConfigSchema>
