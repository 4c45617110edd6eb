import {
  LOG_LEVELS,
  ORIGINS_PATTERN,
  redisSettings,
  releaseSettings,
  tracingSettings,
} from '@mindfuse/service-kit'
import { Type } from 'typebox'
import { VOUCH_SECONDS } from './access/vouching.ts'
import { TICK_MS } from './delivery/pace.ts'

/** Everything the gateway reads from its environment. */
export const realtimeConfigSchema = Type.Object({
  REALTIME_HOST: Type.String({
    default: '::',
    description: 'address to listen on; :: is all, of IPv4 too',
  }),
  REALTIME_PORT: Type.Integer({
    default: 8081,
    minimum: 0,
    maximum: 65535,
    description: 'port to listen on; 0 picks a free one',
  }),
  REALTIME_INTERNAL_PORT: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 65535,
      description: 'separate port for /metrics, and for /health, /ready and /live as well',
    }),
  ),
  PUBLIC_METRICS: Type.Boolean({
    default: false,
    description: 'whether REALTIME_PORT serves /metrics too; 0 or 1',
  }),
  WEB_ORIGINS: Type.String({
    default: 'http://localhost:8080',
    pattern: ORIGINS_PATTERN,
    description: 'allowed origins of WebSocket clients, separated by commas',
  }),
  TRUSTED_PROXIES: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 10,
    description: 'number of proxies in front of the gateway that set X-Forwarded-For',
  }),
  ...redisSettings,
  API_INTERNAL_URL: Type.String({
    default: 'http://localhost:8080',
    pattern: '^https?://[^/\\s]+$',
    description: 'URL of the API for internal requests',
  }),
  INTERNAL_SECRET: Type.String({
    minLength: 16,
    description: 'shared with the API, at least 16 characters',
  }),
  ...tracingSettings,
  ...releaseSettings,
  VOUCH_SECONDS: Type.Integer({
    default: VOUCH_SECONDS,
    minimum: 5,
    maximum: 900,
    description:
      'how long boards go on while no API is heard of, seconds; then delivery is held until one is',
  }),
  DELIVERY_TICK_MS: Type.Integer({
    default: TICK_MS,
    minimum: 1,
    maximum: 100,
    description:
      'the tick of delivery, milliseconds: edits of a busy board are batched for two, cursors for six',
  }),
  OPEN_BOARDS_MIB: Type.Integer({
    default: 0,
    minimum: 0,
    description: 'memory for open boards, MiB; 0 is half of what the process may use',
  }),
  LOG_LEVEL: Type.Enum([...LOG_LEVELS], { default: 'info', description: LOG_LEVELS.join(', ') }),
})
