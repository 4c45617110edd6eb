import { LOG_LEVELS } from '@mindfuse/service-kit'
import { Type } from 'typebox'

/** Everything `npm run start:identity` reads from its environment. */
export const identityConfigSchema = Type.Object({
  IDENTITY_PORT: Type.Integer({
    default: 8082,
    minimum: 0,
    maximum: 65535,
    description: 'port of the local identity provider; 0 picks a free one',
  }),
  LOG_LEVEL: Type.Enum([...LOG_LEVELS], {
    default: 'info',
    description: LOG_LEVELS.join(', '),
  }),
})
