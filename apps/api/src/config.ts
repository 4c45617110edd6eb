import {
  LOG_LEVELS,
  ORIGINS_PATTERN,
  redisSettings,
  releaseSettings,
  StartupError,
  tracingSettings,
} from '@mindfuse/service-kit'
import { type Static, Type } from 'typebox'
import { MIN_CONNECTIONS } from './connection-shares.ts'
import type { ProviderSettings } from './identity-providers.ts'
import { DEFAULT_QUOTAS, type QuotaLimits } from './quota-limits.ts'

const MEBIBYTE = 1024 ** 2

/** A year, and time to look at it. */
export const DEFAULT_AUDIT_RETENTION_DAYS = 400

/** Without a provider nobody could sign in. */
const PROVIDER_REQUIRED = {
  if: { required: ['OIDC_PROVIDERS'] },
  else: { required: ['GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET'] },
}

/** A bucket is used with all that it takes, or not at all. */
const S3_COMPLETE = {
  dependencies: {
    ASSETS_S3_ENDPOINT: [
      'ASSETS_S3_BUCKET',
      'ASSETS_S3_ACCESS_KEY_ID',
      'ASSETS_S3_SECRET_ACCESS_KEY',
    ],
    ASSETS_S3_BUCKET: ['ASSETS_S3_ENDPOINT'],
  },
}

/** Everything the API reads from its environment. */
export const apiConfigSchema = Type.Object(
  {
    API_HOST: Type.String({
      default: '::',
      description: 'address to listen on; :: is all, of IPv4 too',
    }),
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
        description:
          'separate port for /internal and /metrics, which API_PORT then no longer serves',
      }),
    ),
    PUBLIC_METRICS: Type.Boolean({
      default: false,
      description: 'whether API_PORT serves /metrics too; 0 or 1',
    }),
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
    EMBED_ORIGINS: Type.Optional(
      Type.String({
        pattern: ORIGINS_PATTERN,
        description:
          'origins of pages that may show boards in a frame, separated by commas; none by default',
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
    DATABASE_POOLER: Type.Enum(['none', 'transaction'], {
      default: 'none',
      description:
        'transaction where DATABASE_URL leads to PgBouncer or the like, in transaction mode',
    }),
    MIGRATION_DATABASE_URL: Type.Optional(
      Type.String({
        pattern: '^postgres(ql)?://',
        description: 'for migrations, past a pooler; DATABASE_URL by default',
      }),
    ),
    DATABASE_POOL_SIZE: Type.Integer({
      default: 20,
      minimum: MIN_CONNECTIONS,
      maximum: 1000,
      description: 'PostgreSQL connections at most, half of them for requests',
    }),
    ...redisSettings,
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
    GOOGLE_CLIENT_ID: Type.Optional(
      Type.String({ description: 'OAuth client id; required without OIDC_PROVIDERS' }),
    ),
    GOOGLE_CLIENT_SECRET: Type.Optional(
      Type.String({ description: 'OAuth client secret; required without OIDC_PROVIDERS' }),
    ),
    OIDC_PROVIDERS: Type.Optional(
      Type.String({ description: 'further identity providers, a JSON array: see below' }),
    ),
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
    DOCUMENT_WORKERS: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 64,
      description:
        'processes that build documents at a time, of up to 1.5 GiB each; 0 is what cores and memory allow, 2 to 4',
    }),
    RATE_LIMIT_FACTOR: Type.Number({
      default: 1,
      exclusiveMinimum: 0,
      description: 'multiplies every rate limit',
    }),
    QUOTA_WORKSPACES_PER_PERSON: Type.Integer({
      default: DEFAULT_QUOTAS.workspacesPerPerson,
      minimum: 0,
      description: 'team workspaces that a person may own; 0 is no limit',
    }),
    QUOTA_BOARDS_PER_WORKSPACE: Type.Integer({
      default: DEFAULT_QUOTAS.boardsPerWorkspace,
      minimum: 0,
      description: 'boards of a workspace, the trash included; 0 is no limit',
    }),
    QUOTA_BOARDS_PER_PERSON: Type.Integer({
      default: DEFAULT_QUOTAS.boardsPerPerson,
      minimum: 0,
      description: 'boards of all workspaces that a person owns; 0 is no limit',
    }),
    QUOTA_STORAGE_MIB_PER_WORKSPACE: Type.Integer({
      default: DEFAULT_QUOTAS.storageBytesPerWorkspace / MEBIBYTE,
      minimum: 0,
      description: 'documents and versions of a workspace, MiB; 0 is no limit',
    }),
    QUOTA_STORAGE_MIB_PER_PERSON: Type.Integer({
      default: DEFAULT_QUOTAS.storageBytesPerPerson / MEBIBYTE,
      minimum: 0,
      description:
        'documents and versions of all workspaces that a person owns, MiB; 0 is no limit',
    }),
    QUOTA_VERSIONS_PER_BOARD: Type.Integer({
      default: DEFAULT_QUOTAS.versionsPerBoard,
      minimum: 0,
      description: 'named versions of a board; 0 is no limit',
    }),
    QUOTA_ASSET_MIB_PER_FILE: Type.Integer({
      default: DEFAULT_QUOTAS.assetBytesPerFile / MEBIBYTE,
      minimum: 1,
      maximum: 1_024,
      description: 'size of a file beside documents, MiB',
    }),
    QUOTA_ASSET_MIB_PER_BOARD: Type.Integer({
      default: DEFAULT_QUOTAS.assetBytesPerBoard / MEBIBYTE,
      minimum: 0,
      description: 'files of a board, MiB; 0 is no limit',
    }),
    QUOTA_ASSET_MIB_PER_WORKSPACE: Type.Integer({
      default: DEFAULT_QUOTAS.assetBytesPerWorkspace / MEBIBYTE,
      minimum: 0,
      description: 'files of all boards of a workspace, MiB; 0 is no limit',
    }),
    QUOTA_ASSET_MIB_PER_PERSON: Type.Integer({
      default: DEFAULT_QUOTAS.assetBytesPerPerson / MEBIBYTE,
      minimum: 0,
      description: 'files of all workspaces that a person owns, MiB; 0 is no limit',
    }),
    ASSETS_DIR: Type.Optional(
      Type.String({
        description: 'directory for files beside documents, shared by all instances',
      }),
    ),
    ASSETS_S3_ENDPOINT: Type.Optional(
      Type.String({
        pattern: '^https?://[^/\\s]+$',
        description: 'S3-compatible server for files beside documents, in place of a directory',
      }),
    ),
    ASSETS_S3_BUCKET: Type.Optional(Type.String({ description: 'bucket, of this database alone' })),
    ASSETS_S3_ACCESS_KEY_ID: Type.Optional(Type.String({ description: 'access key id' })),
    ASSETS_S3_SECRET_ACCESS_KEY: Type.Optional(Type.String({ description: 'secret access key' })),
    ASSETS_S3_REGION: Type.String({ default: 'us-east-1', description: 'region of the bucket' }),
    ASSETS_S3_PATH_STYLE: Type.Boolean({
      default: true,
      description: 'whether the bucket is in the path, not in the host; 0 or 1',
    }),
    ASSETS_S3_PREFIX: Type.Optional(
      Type.String({
        pattern: '^([\\w.-]+/)+$',
        description: 'what names in the bucket begin with, files/ for example',
      }),
    ),
    AUDIT_RETENTION_DAYS: Type.Integer({
      default: DEFAULT_AUDIT_RETENTION_DAYS,
      minimum: 0,
      maximum: 36_500,
      description: 'how long entries of the audit log are kept, days; 0 is for ever',
    }),
    ADMINS: Type.Optional(
      Type.String({
        pattern: '^[^,\\s]+:[^,\\s]+(,\\s*[^,\\s]+:[^,\\s]+)*$',
        description: 'who administers: <issuer>:<subject>, separated by commas; nobody by default',
      }),
    ),
    ...tracingSettings,
    ...releaseSettings,
    LOG_LEVEL: Type.Enum([...LOG_LEVELS], {
      default: 'info',
      description: LOG_LEVELS.join(', '),
    }),
  },
  { ...PROVIDER_REQUIRED, ...S3_COMPLETE },
)

/** The settings that {@link quotaLimitsOf} reads. */
export const QUOTA_SETTINGS = [
  'QUOTA_WORKSPACES_PER_PERSON',
  'QUOTA_BOARDS_PER_WORKSPACE',
  'QUOTA_BOARDS_PER_PERSON',
  'QUOTA_STORAGE_MIB_PER_WORKSPACE',
  'QUOTA_STORAGE_MIB_PER_PERSON',
  'QUOTA_VERSIONS_PER_BOARD',
  'QUOTA_ASSET_MIB_PER_FILE',
  'QUOTA_ASSET_MIB_PER_BOARD',
  'QUOTA_ASSET_MIB_PER_WORKSPACE',
  'QUOTA_ASSET_MIB_PER_PERSON',
] as const

/** The quotas among the settings. */
export function quotaLimitsOf(
  config: Pick<Static<typeof apiConfigSchema>, (typeof QUOTA_SETTINGS)[number]>,
): QuotaLimits {
  return {
    workspacesPerPerson: config.QUOTA_WORKSPACES_PER_PERSON,
    boardsPerWorkspace: config.QUOTA_BOARDS_PER_WORKSPACE,
    boardsPerPerson: config.QUOTA_BOARDS_PER_PERSON,
    storageBytesPerWorkspace: config.QUOTA_STORAGE_MIB_PER_WORKSPACE * MEBIBYTE,
    storageBytesPerPerson: config.QUOTA_STORAGE_MIB_PER_PERSON * MEBIBYTE,
    versionsPerBoard: config.QUOTA_VERSIONS_PER_BOARD,
    assetBytesPerFile: config.QUOTA_ASSET_MIB_PER_FILE * MEBIBYTE,
    assetBytesPerBoard: config.QUOTA_ASSET_MIB_PER_BOARD * MEBIBYTE,
    assetBytesPerWorkspace: config.QUOTA_ASSET_MIB_PER_WORKSPACE * MEBIBYTE,
    assetBytesPerPerson: config.QUOTA_ASSET_MIB_PER_PERSON * MEBIBYTE,
  }
}

/** The identities that `ADMINS` lists, of whatever providers. */
export function readAdmins(admins: string | undefined): string[] {
  return admins?.split(/,\s*/) ?? []
}

/**
 * The same, each of a provider that people sign in with.
 * @throws StartupError for one of another provider, whom nobody could ever sign in as
 */
export function adminsOf(
  { ADMINS }: Pick<Static<typeof apiConfigSchema>, 'ADMINS'>,
  providers: readonly ProviderSettings[],
): string[] {
  const admins = readAdmins(ADMINS)
  const starts = providers.map(({ key }) => `${key}:`)
  const isKnown = (admin: string) =>
    starts.some((start) => admin.startsWith(start) && admin !== start)
  if (admins.every(isKnown)) return admins
  throw new StartupError('ADMINS: each has to be <issuer>:<subject>, with the issuer of a provider')
}
