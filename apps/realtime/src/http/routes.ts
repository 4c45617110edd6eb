import type { TemplatedApp } from 'uWebSockets.js'
import type { Admission } from '../admission/admission.ts'
import type { Metrics } from '../metrics.ts'
import { sendProblem } from '../problem-response.ts'
import { registerOperations } from './operations.ts'
import { registerUpgradeExplanation } from './upgrade-explanation.ts'

/** What the gateway's plain HTTP routes need. */
export interface HttpRouteDeps {
  admission: Admission
  /** Origins whose pages may read why they are refused. */
  webOrigins: readonly string[]
  metrics: Metrics
  health: () => { connections: number; rooms: number }
}

/** Everything that the gateway answers besides upgrades. */
export function registerHttpRoutes(app: TemplatedApp, deps: HttpRouteDeps): void {
  registerUpgradeExplanation(app, deps)
  registerOperations(app, { ...deps, isReady: () => !deps.admission.isStopping })
  app.any('/*', (response) =>
    sendProblem(response, { status: 404, code: 'route_not_found', message: 'No such route' }),
  )
}
