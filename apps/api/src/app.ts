import type { Logger } from '@mindfuse/service-kit'
import type { SharedState } from '@mindfuse/shared-state'
import { createAccessTokens } from './auth/access-tokens.ts'
import { createIdentityProvider } from './auth/identity-provider.ts'
import { authRoutes } from './auth/routes.ts'
import { createAuthService } from './auth/service.ts'
import { loadSigningKeys } from './auth/signing-keys.ts'
import { boardRoutes } from './boards/routes.ts'
import { createBoardService } from './boards/service.ts'
import { EventPublisher } from './changes/publisher.ts'
import { createTransact } from './changes/transact.ts'
import type { Database } from './db/database.ts'
import { createDocumentService } from './documents/service.ts'
import { healthRoutes } from './health/routes.ts'
import { type App, createHttpApp } from './http/app.ts'
import { internalRoutes } from './internal/routes.ts'
import { workspaceRoutes } from './workspaces/routes.ts'
import { createWorkspaceService } from './workspaces/service.ts'

/** What an API is built from. */
export interface ApiDeps {
  /** Migrated, see `migrateUp`. */
  db: Database
  sharedState: SharedState
  log: Logger
  /** The origin people reach the API at. */
  publicUrl: string
  /** The web app's exact origins; sign-in ends at the first. */
  webOrigins: readonly [string, ...string[]]
  /** Shared with the gateways. */
  internalSecret: string
  identityProvider: {
    issuer: string
    clientId: string
    clientSecret: string
    /** What `users.oauth_provider` calls it. */
    name: string
  }
}

/** Builds the API. The caller listens, and closes what it passed in. */
export async function buildApi(deps: ApiDeps): Promise<App> {
  const { db, sharedState, log, publicUrl, webOrigins } = deps

  const accessTokens = await createAccessTokens(await loadSigningKeys(db))
  const identityProvider = createIdentityProvider({
    ...deps.identityProvider,
    callbackUrl: `${publicUrl}/api/auth/google/callback`,
    secureCookies: publicUrl.startsWith('https:'),
  })
  const auth = createAuthService({ db, accessTokens, provider: deps.identityProvider.name })
  const publisher = new EventPublisher({ db, sharedState, log })
  const transact = createTransact({ db, onCommit: () => publisher.wake() })
  const workspaces = createWorkspaceService({ db, transact })
  const boards = createBoardService({ db, transact, workspaces })
  const documents = createDocumentService({ db })

  const app = await createHttpApp({ log, corsOrigins: webOrigins })
  app.addHook('onClose', () => publisher.stop())
  await app.register(authRoutes, { auth, accessTokens, identityProvider, webOrigins, publicUrl })
  await app.register(workspaceRoutes, { auth, workspaces })
  await app.register(boardRoutes, { auth, boards })
  await app.register(internalRoutes, { secret: deps.internalSecret, boards, documents })
  await app.register(healthRoutes, { db, sharedState })
  await app.ready()
  return app
}
