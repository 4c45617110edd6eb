import type { Logger, Tracer } from '@mindfuse/service-kit'
import type { SharedState } from '@mindfuse/shared-state'
import { Registry } from 'prom-client'
import { auditRoutes } from './audit/routes.ts'
import { createAuditService } from './audit/service.ts'
import { createAccessTokens } from './auth/access-tokens.ts'
import { createAuthenticate } from './auth/authenticate.ts'
import { createIdentityProvider } from './auth/identity-provider.ts'
import { authRoutes } from './auth/routes.ts'
import { createAuthService } from './auth/service.ts'
import { createSessionCache } from './auth/session-cache.ts'
import { loadSigningKeys } from './auth/signing-keys.ts'
import { boardMemberRoutes } from './board-members/routes.ts'
import { createBoardMemberService } from './board-members/service.ts'
import { boardRoutes } from './boards/routes.ts'
import { createBoardService } from './boards/service.ts'
import { broadcastRoutes } from './broadcast/routes.ts'
import { createBroadcastService } from './broadcast/service.ts'
import { EventPublisher } from './changes/publisher.ts'
import { createTransact } from './changes/transact.ts'
import type { DatabasePool } from './db/database.ts'
import { Compactor } from './documents/compaction/compactor.ts'
import { contentRoutes } from './documents/content/routes.ts'
import { createContentService } from './documents/content/service.ts'
import { historyRoutes } from './documents/history/routes.ts'
import { createHistoryService } from './documents/history/service.ts'
import { createDocumentMetrics } from './documents/metrics.ts'
import { createOpenDocument } from './documents/opened-document.ts'
import { createQuarantine } from './documents/quarantine/service.ts'
import { createDocumentService } from './documents/service.ts'
import { versionRoutes } from './documents/versions/routes.ts'
import { createVersionService } from './documents/versions/service.ts'
import { DocumentWorker } from './documents/worker/document-worker.ts'
import { createStreamAuthenticate } from './events/authenticate.ts'
import { eventRoutes } from './events/routes.ts'
import { EventStreams, type StreamTimes } from './events/service.ts'
import { type App, createHttpApp } from './http/app.ts'
import { createLocalRateCounter } from './http/local-rate-counter.ts'
import { documentationRoutes, registerOpenApi } from './http/openapi.ts'
import { registerBrowserSupport } from './http/public-scope.ts'
import { createRateLimit } from './http/rate-limit.ts'
import { internalRoutes } from './internal/routes.ts'
import { inviteRoutes } from './invites/routes.ts'
import { createInviteService } from './invites/service.ts'
import { registerMetrics } from './operations/metrics.ts'
import { operationsRoutes } from './operations/routes.ts'
import { Retention } from './retention/retention.ts'
import { createSessionCookies } from './sessions/cookie.ts'
import { sessionRoutes } from './sessions/routes.ts'
import { createSessionService } from './sessions/service.ts'
import { userRoutes } from './users/routes.ts'
import { createUserService } from './users/service.ts'
import { webRoutes } from './web/routes.ts'
import type { WebApp } from './web/web-app.ts'
import { workspaceMemberRoutes } from './workspace-members/routes.ts'
import { createWorkspaceMemberService } from './workspace-members/service.ts'
import { workspaceRoutes } from './workspaces/routes.ts'
import { createWorkspaceService } from './workspaces/service.ts'

/** What an API is built from. */
export interface ApiDeps {
  /** Migrated, see `migrateUp`. */
  database: DatabasePool
  sharedState: SharedState
  log: Logger
  /** Where requests are to be traced. */
  tracer?: Tracer | undefined
  /** The origin people reach the API at. */
  publicUrl: string
  /** The web app's exact origins; sign-in ends at the first. */
  webOrigins: readonly [string, ...string[]]
  /** Shared with the gateways. */
  internalSecret: string
  /** The one that gateways may still have while it is replaced. */
  previousInternalSecret?: string | undefined
  /** The only port that answers `/internal` and `/metrics`, see `openInternalPort`; any by default. */
  internalPort?: number | undefined
  identityProvider: {
    issuer: string
    clientId: string
    clientSecret: string
    /** What `users.oauth_provider` calls it. */
    name: string
  }
  /** The web app to serve, see `loadWebApp`; without it there are only routes. */
  web?: WebApp | undefined
  /** How many proxies stand before the API; 0 by default. */
  trustedProxies?: number
  /** Multiplies the rate limits; 1 by default. */
  rateLimitFactor?: number
  /** How event streams are looked after. */
  streamTimes?: Partial<StreamTimes> | undefined
}

/** Builds the API. The caller listens, and closes what it passed in. */
export async function buildApi(deps: ApiDeps): Promise<App> {
  const { database, sharedState, log, publicUrl, webOrigins } = deps
  const { db } = database
  const [webOrigin] = webOrigins

  const rates = createLocalRateCounter({
    shared: sharedState.rates,
    onError: (error) => log.warn({ err: error }, 'rates cannot be shared'),
  })
  const rateLimit = createRateLimit({ rates, factor: deps.rateLimitFactor ?? 1 })
  const publisher = new EventPublisher({ db, sharedState, log })
  const sessionCache = createSessionCache({ events: sharedState.events })
  const transact = createTransact({
    db,
    async onCommit(changes) {
      sessionCache.forget(changes.flatMap(({ sessions = [] }) => sessions))
      const isUrgent = changes.some(({ access = [], sessions = [] }) => {
        return access.length > 0 || sessions.length > 0
      })
      // Whoever hears that access was taken may count on it being on its way to every gateway.
      if (isUrgent) await publisher.published()
      else publisher.wake()
    },
  })

  const accessTokens = await createAccessTokens({
    loadKeys: () => loadSigningKeys(db),
    onError: (error) => log.error({ err: error }, 'signing keys cannot be read'),
  })
  const identityProvider = createIdentityProvider({
    ...deps.identityProvider,
    callbackUrl: `${publicUrl}/api/auth/google/callback`,
    secureCookies: publicUrl.startsWith('https:'),
  })
  const sessions = createSessionService({ db, transact, accessTokens })
  const authenticate = createAuthenticate({ db, accessTokens, sessionCache, rateLimit })
  const provider = deps.identityProvider.name
  const auth = createAuthService({ db, sessions, authenticate, provider })
  const users = createUserService({ transact })
  const workspaces = createWorkspaceService({ db, transact })
  const workspaceMembers = createWorkspaceMemberService({ db, transact })
  const audit = createAuditService({ db })
  const boards = createBoardService({ db, transact })
  const invites = createInviteService({ db, transact, boards, webOrigin })
  const boardMembers = createBoardMemberService({ db, transact })
  const broadcasts = createBroadcastService({ db, relay: sharedState.relay })

  const registry = new Registry()
  const worker = new DocumentWorker({ log })
  const metrics = createDocumentMetrics(registry, { db, worker })
  const quarantine = createQuarantine({ db, worker, metrics, log })
  const openDocument = createOpenDocument({ db, worker, quarantine })
  const compactor = new Compactor({ db, openDocument, quarantine, metrics, log })
  const documents = createDocumentService({ db, compactor, metrics, log })
  const content = createContentService({ db, transact, openDocument })
  const history = createHistoryService({ db })
  const versions = createVersionService({ db, transact, worker, openDocument })
  const retention = new Retention({ db, transact, log })
  const streams = new EventStreams({
    db,
    events: sharedState.events,
    log,
    registry,
    times: deps.streamTimes,
  })

  const cookies = createSessionCookies(publicUrl)
  const allowedOrigins = [...webOrigins, publicUrl]

  const app = await createHttpApp({
    log,
    trustedProxies: deps.trustedProxies ?? 0,
    tracer: deps.tracer,
  })
  app.addHook('onClose', async () => {
    accessTokens.close()
    sessionCache.close()
    rates.close()
    await retention.stop()
    await worker.close()
    await compactor.stop()
    await publisher.stop()
  })
  registerMetrics(app, { database, registry, internalPort: deps.internalPort })
  await registerOpenApi(app)
  await app.register(async (scope: App) => {
    await registerBrowserSupport(scope, { corsOrigins: webOrigins })
    await scope.register(authRoutes, {
      auth,
      accessTokens,
      identityProvider,
      cookies,
      rateLimit,
      webOrigin,
      publicUrl,
    })
    await scope.register(sessionRoutes, { auth, sessions, cookies, rateLimit, allowedOrigins })
    await scope.register(userRoutes, { auth, users, cookies })
    await scope.register(workspaceRoutes, { auth, workspaces })
    await scope.register(workspaceMemberRoutes, { auth, workspaceMembers })
    await scope.register(auditRoutes, { auth, audit })
    await scope.register(boardRoutes, { auth, boards })
    await scope.register(inviteRoutes, { auth, invites, rateLimit })
    await scope.register(boardMemberRoutes, { auth, boardMembers })
    await scope.register(broadcastRoutes, { auth, rateLimit, broadcasts })
    await scope.register(contentRoutes, { auth, rateLimit, content })
    await scope.register(historyRoutes, { auth, history })
    await scope.register(versionRoutes, { auth, rateLimit, versions })
    await scope.register(eventRoutes, {
      db,
      streams,
      authenticate: createStreamAuthenticate({
        authenticate,
        sessions,
        cookies,
        rateLimit,
        allowedOrigins,
      }),
    })
    await scope.register(operationsRoutes, { db, sharedState })
    await scope.register(documentationRoutes)
    if (deps.web) await scope.register(webRoutes, { web: deps.web })
  })
  await app.register(internalRoutes, {
    db,
    secrets: [deps.internalSecret, deps.previousInternalSecret ?? []].flat(),
    internalPort: deps.internalPort,
    boards,
    documents,
    quarantine,
  })
  await app.ready()
  return app
}
