import { accountPlugin } from './account/plugin.ts'
import { adminPlugin } from './admin/plugin.ts'
import { appUserPlugin } from './app-users/plugin.ts'
import { auditPlugin } from './audit/plugin.ts'
import { openBoardAssets } from './board-assets/open-board-assets.ts'
import { boardAssetPlugin } from './board-assets/plugin.ts'
import { boardMemberPlugin } from './board-members/plugin.ts'
import { boardPlugin } from './boards/plugin.ts'
import { broadcastPlugin } from './broadcast/plugin.ts'
import { contentPlugin } from './content/plugin.ts'
import { eventPlugin } from './events/plugin.ts'
import type { StreamTimes } from './events/service.ts'
import { guestPlugin } from './guests/plugin.ts'
import { historyPlugin } from './history/plugin.ts'
import { type App, createHttpApp } from './http/app.ts'
import { documentationRoutes, registerOpenApi } from './http/openapi.ts'
import { registerBrowserSupport } from './http/public-scope.ts'
import { registerReadTurns } from './http/read-turns.ts'
import { createTurns, shareOf, tooManyOf } from './http/turns.ts'
import { type InfrastructureDeps, openInfrastructure } from './infrastructure.ts'
import { internalPlugin } from './internal/plugin.ts'
import { invitePlugin } from './invites/plugin.ts'
import { keyPlugin } from './keys/plugin.ts'
import { linkPlugin } from './links/plugin.ts'
import { membershipPlugin } from './memberships/plugin.ts'
import { reportApi } from './operations/api-report.ts'
import { watchDatabaseClock } from './operations/database-clock.ts'
import { monitorDatabase } from './operations/database-monitor.ts'
import { instancesPlugin } from './operations/instances-plugin.ts'
import { registerMetrics } from './operations/metrics.ts'
import { operationsPlugin } from './operations/plugin.ts'
import { retentionPlugin } from './retention/plugin.ts'
import { sessionPlugin } from './sessions/plugin.ts'
import { signInPlugin } from './sign-in/plugin.ts'
import { thumbnailPlugin } from './thumbnails/plugin.ts'
import { usagePlugin } from './usage/plugin.ts'
import { versionPlugin } from './versions/plugin.ts'
import { createErrorPage } from './web/error-page.ts'
import { webPlugin } from './web/plugin.ts'
import type { WebApp } from './web/web-app.ts'
import { workspaceMemberPlugin } from './workspace-members/plugin.ts'
import { workspacePlugin } from './workspaces/plugin.ts'

/** What an API is built from. */
export interface ApiDeps extends InfrastructureDeps {
  /** The web app to serve, see `loadWebApp`; without it there are only routes. */
  web?: WebApp | undefined
  streamTimes?: Partial<StreamTimes> | undefined
  /** Event loop delay from which requests are refused as `overloaded`; 1,000 by default, 0 for never. */
  maxEventLoopDelayMs?: number | undefined
  /** See `createHttpApp`. */
  drainMs?: number | undefined
}

/** Those with nothing but routes; in the order in which the API's description names them. */
const FEATURES = [
  ...[signInPlugin, sessionPlugin, accountPlugin],
  ...[
    workspacePlugin,
    workspaceMemberPlugin,
    membershipPlugin,
    keyPlugin,
    auditPlugin,
    usagePlugin,
  ],
  ...[boardPlugin, invitePlugin, linkPlugin, guestPlugin],
  ...[boardMemberPlugin, appUserPlugin, broadcastPlugin],
  ...[contentPlugin, boardAssetPlugin, thumbnailPlugin, historyPlugin, versionPlugin],
  adminPlugin,
]

/** Builds the API. The caller listens, and closes what it passed in, also where this rejects. */
export async function buildApi(deps: ApiDeps): Promise<App> {
  const app = await createHttpApp({ ...deps, errorPage: createErrorPage(deps) })
  try {
    const infrastructure = await openInfrastructure(deps)
    app.addHook('onClose', () => infrastructure.close())
    // Busy is not down: a full pool of the requests must not take the instance out of service.
    const { db } = deps.database.internal
    const monitor = monitorDatabase(db)
    app.addHook('onClose', async () => monitor.close())
    const stopWatching = watchDatabaseClock({ ...infrastructure, db })
    app.addHook('onClose', async () => stopWatching())
    registerMetrics(app, { ...infrastructure, monitor })
    const stopReporting = reportApi({ ...infrastructure, monitor })
    app.addHook('onClose', async () => stopReporting())
    await registerOpenApi(app)
    await app.register(async (scope: App) => {
      await registerBrowserSupport(scope, infrastructure)
      const atOnce = shareOf(deps.database.requests.size)
      registerReadTurns(scope, createTurns({ atOnce, tooMany: tooManyOf('reads') }))
      const files = openBoardAssets(infrastructure)
      scope.addHook('onClose', () => files.close())
      for (const feature of FEATURES) await scope.register(feature, { ...infrastructure, files })
      await scope.register(eventPlugin, { ...infrastructure, streamTimes: deps.streamTimes })
      await scope.register(instancesPlugin, { ...infrastructure, monitor })
      await scope.register(operationsPlugin, { ...infrastructure, monitor })
      await scope.register(documentationRoutes)
      await scope.register(webPlugin, deps)
    })
    // Outside of the public scope, whose hooks for browsers gateways have no use for.
    await app.register(internalPlugin, infrastructure)
    await app.register(retentionPlugin, infrastructure)
    await app.ready()
    return app
  } catch (error) {
    await app.close()
    throw error
  }
}
