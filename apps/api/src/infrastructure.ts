import { accessScope } from '@mindfuse/internal'
import {
  createOriginCheck,
  type Logger,
  type OriginCheck,
  OutageLog,
  type Release,
  type Tracer,
} from '@mindfuse/service-kit'
import type { SharedState } from '@mindfuse/shared-state'
import { Registry } from 'prom-client'
import { measureStore } from './assets/measured-store.ts'
import type { AssetStore } from './assets/store/asset-store.ts'
import { type AccessTokens, createAccessTokens } from './auth/access-tokens.ts'
import { type Authenticate, createAuthenticate } from './auth/authenticate.ts'
import { createKeyUses, type KeyUses } from './auth/key-uses.ts'
import { createSessionCache } from './auth/session-cache.ts'
import { createSessionCookies, type SessionCookies } from './auth/session-cookie.ts'
import { loadSigningKeys } from './auth/signing-keys.ts'
import { AppliedChanges } from './changes/applied-changes.ts'
import { EventPublisher } from './changes/publisher.ts'
import { createTransact, type Transact, transactionsOn } from './changes/transact.ts'
import type { Database, DatabasePools } from './db/database.ts'
import { type DocumentStorage, openDocumentStorage } from './documents/storage.ts'
import { createLocalRateCounter, type LocalRateCounter } from './http/local-rate-counter.ts'
import { createRateLimit, type RateLimit } from './http/rate-limit.ts'
import {
  createTransferLimit,
  MAX_DOWNLOADS_PER_PERSON,
  MAX_UPLOADS_PER_PERSON,
  type TransferLimit,
} from './http/transfer-limit.ts'
import type { ProviderSettings } from './identity-providers.ts'
import { Instances } from './instances/instances.ts'
import { DEFAULT_QUOTAS, type QuotaLimits } from './quota-limits.ts'
import { createQuotas, type Quotas } from './quotas/quotas.ts'
import { createPresentUser, type PresentUser } from './users/presenter.ts'

/** What an API is built from, whatever its features. */
export interface InfrastructureDeps {
  /** Migrated, see `migrateUp`. */
  database: DatabasePools
  sharedState: SharedState
  log: Logger
  /** Where requests are to be traced. */
  tracer?: Tracer | undefined
  /** The origin people reach the API at. */
  publicUrl: string
  /** The web app's exact origins; sign-in ends at the first. */
  webOrigins: readonly [string, ...string[]]
  /** Whether pages of this machine count as the web app too, on any port. */
  allowLoopbackPages?: boolean | undefined
  /** Shared with the gateways. */
  internalSecret: string
  /** One that gateways may still use while it is replaced. */
  previousInternalSecret?: string | undefined
  /**
   * The only port that answers `/internal` and `/metrics`, see `openInternalPort`. Without one, any
   * answers `/internal`, and none `/metrics`.
   */
  internalPort?: number | undefined
  /** Whether any port answers `/metrics`; false by default. */
  publicMetrics?: boolean | undefined
  /** What metrics and responses say it is; of development by default. */
  release?: Release | undefined
  /** Who vouches for people, in the order in which people are shown them. */
  identityProviders: readonly ProviderSettings[]
  /** How many proxies stand before the API; 0 by default. */
  trustedProxies?: number
  /** Multiplies the rate limits; 1 by default. */
  rateLimitFactor?: number
  /** How many processes build documents at a time; by default what cores and memory allow. */
  documentWorkers?: number | undefined
  /** How much people may keep, where it differs from {@link DEFAULT_QUOTAS}. */
  quotaLimits?: Partial<QuotaLimits> | undefined
  /** Where files beside documents are kept; without one there are none. The caller closes it. */
  assets?: AssetStore | undefined
  /** How long entries of the audit log are kept, days; 0 is for ever, 400 the default. */
  auditRetentionDays?: number | undefined
  /** Identities of those who administer the installation, see `identityOf`; none by default. */
  admins?: readonly string[] | undefined
}

/** What features share, besides {@link InfrastructureDeps} themselves. */
export interface Infrastructure extends InfrastructureDeps {
  db: Database
  registry: Registry
  /** Counts what has limits of its own. */
  rates: LocalRateCounter
  rateLimit: RateLimit
  limitDownloads: TransferLimit
  limitUploads: TransferLimit
  accessTokens: AccessTokens
  authenticate: Authenticate
  keyUses: KeyUses
  presentUser: PresentUser
  cookies: SessionCookies
  /** The same for a guest, one in each browser. */
  guestCookies: SessionCookies
  /** Whether pages may call the API and use the session cookie: the web app's and the API's own. */
  allowsOrigin: OriginCheck
  transact: Transact
  documents: DocumentStorage
  quotas: Quotas
  appliedChanges: AppliedChanges
  instances: Instances
  /** Closes what was opened here, and nothing of {@link InfrastructureDeps}. */
  close(): Promise<void>
}

/** Opens what features share. */
export async function openInfrastructure(deps: InfrastructureDeps): Promise<Infrastructure> {
  const { sharedState, log, publicUrl } = deps
  const { db, urgent, internal, publishing } = deps.database

  // First, because it is the only one that can fail: then nothing else is open.
  const accessTokens = await createAccessTokens({
    loadKeys: () => loadSigningKeys(internal.db),
    onError: (error) => log.error({ err: error }, 'signing keys cannot be read'),
  })
  const rates = createLocalRateCounter({
    shared: sharedState.rates,
    outage: new OutageLog({
      log,
      failed: 'rates cannot be shared',
      recovered: 'rates are shared again',
    }),
  })
  const rateLimit = createRateLimit({ rates, factor: deps.rateLimitFactor ?? 1 })
  const sessionCache = createSessionCache({ events: sharedState.events })
  const keyUses = createKeyUses({ db: internal.db, log })
  const scopes = secretsOf(deps).map(accessScope)
  const appliedChanges = new AppliedChanges({ bus: sharedState.access, scopes })
  const instances = new Instances({ bus: sharedState.instances, scopes })
  const publisher = new EventPublisher({
    db: publishing.db,
    sharedState,
    applied: appliedChanges,
    scopes,
    log,
  })
  const transact = createTransact({
    usual: transactionsOn(deps.database.requests),
    urgent: transactionsOn(urgent),
    async onCommit(changes) {
      sessionCache.forget(changes.flatMap(({ sessions = [] }) => sessions))
      for (const { type, userId } of changes) {
        if (type === 'user.updated' && userId !== undefined) sessionCache.forgetUser(userId)
      }
      const isUrgent = changes.some(({ access = [], sessions = [] }) => {
        return access.length > 0 || sessions.length > 0
      })
      // A reply that access was revoked says whether every gateway has applied it.
      if (isUrgent) return publisher.published()
      publisher.wake()
      return true
    },
  })
  const presentUser = createPresentUser(deps.admins ?? [])
  const registry = new Registry()
  const documents = openDocumentStorage({
    db,
    registry,
    log,
    workers: deps.documentWorkers,
  })
  const quotas = createQuotas({ limits: { ...DEFAULT_QUOTAS, ...deps.quotaLimits }, registry })

  return {
    ...deps,
    assets: deps.assets && measureStore(deps.assets, registry),
    db,
    registry,
    rates,
    rateLimit,
    limitDownloads: createTransferLimit('downloads', MAX_DOWNLOADS_PER_PERSON),
    limitUploads: createTransferLimit('uploads', MAX_UPLOADS_PER_PERSON),
    accessTokens,
    authenticate: createAuthenticate({
      db,
      urgent: urgent.db,
      accessTokens,
      sessionCache,
      keyUses,
      rateLimit,
      presentUser,
    }),
    keyUses,
    presentUser,
    cookies: createSessionCookies(publicUrl, 'session'),
    guestCookies: createSessionCookies(publicUrl, 'guest'),
    allowsOrigin: createOriginCheck({ ...deps, webOrigins: [...deps.webOrigins, publicUrl] }),
    transact,
    documents,
    quotas,
    appliedChanges,
    instances,
    async close() {
      accessTokens.close()
      sessionCache.close()
      appliedChanges.close()
      instances.close()
      rates.close()
      await keyUses.close()
      await documents.close()
      await publisher.stop()
    },
  }
}

/** Those that gateways may use: two while one replaces the other. */
export function secretsOf({
  internalSecret,
  previousInternalSecret,
}: Pick<InfrastructureDeps, 'internalSecret' | 'previousInternalSecret'>): string[] {
  return previousInternalSecret === undefined
    ? [internalSecret]
    : [internalSecret, previousInternalSecret]
}
