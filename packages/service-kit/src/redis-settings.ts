import { Type } from 'typebox'

/** A host name, an IPv4 address, or one of IPv6 in brackets; then a port. */
const ADDRESS = '(\\[[0-9a-fA-F:.]+\\]|[^\\s,:/@\\[\\]]+)(:\\d{1,5})?'

const DEFAULT_SENTINEL_PORT = 26_379

/** The settings of both services for Dragonfly, or another Redis-compatible server. */
export const redisSettings = {
  REDIS_URL: Type.String({
    pattern: '^rediss?://',
    description: 'Dragonfly or another Redis-compatible server, redis://host:6379',
  }),
  REDIS_SENTINELS: Type.Optional(
    Type.String({
      pattern: `^\\s*${ADDRESS}(\\s*,\\s*${ADDRESS})*\\s*$`,
      description:
        'addresses of Sentinels, host:26379, separated by commas; the host of REDIS_URL is then the name of the master that they watch',
    }),
  ),
  REDIS_SENTINEL_USERNAME: Type.Optional(
    Type.String({ description: 'user at the Sentinels; none by default' }),
  ),
  REDIS_SENTINEL_PASSWORD: Type.Optional(
    Type.String({ description: 'password at the Sentinels; none by default' }),
  ),
}

/** Where the server is, and who knows which one it is after a failover. */
export interface RedisServer {
  url: string
  sentinels?:
    | {
        addresses: { host: string; port: number }[]
        username: string | undefined
        password: string | undefined
      }
    | undefined
}

/** The server among the settings. */
export function redisServerOf(config: {
  REDIS_URL: string
  REDIS_SENTINELS?: string
  REDIS_SENTINEL_USERNAME?: string
  REDIS_SENTINEL_PASSWORD?: string
}): RedisServer {
  const { REDIS_URL: url, REDIS_SENTINELS } = config
  if (REDIS_SENTINELS === undefined) return { url }
  return {
    url,
    sentinels: {
      addresses: REDIS_SENTINELS.split(',').map(readAddress),
      username: config.REDIS_SENTINEL_USERNAME,
      password: config.REDIS_SENTINEL_PASSWORD,
    },
  }
}

function readAddress(text: string): { host: string; port: number } {
  const { hostname, port } = new URL(`redis://${text.trim()}`)
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? DEFAULT_SENTINEL_PORT : Number(port),
  }
}
