import type { TemplatedApp } from 'uWebSockets.js'
import type { OriginCheck } from '@mindfuse/service-kit'
import type { Admission } from '../admission/admission.ts'
import type { AddressReader } from '../admission/client-address.ts'
import type { NameAnswer } from '../answer-names.ts'
import type { Metrics } from '../metrics.ts'
import { sendProblem } from '../problem-response.ts'
import { registerHealth, registerMetrics } from './operations.ts'
import type { Readiness } from './readiness.ts'
import { registerUpgradeExplanation } from './upgrade-explanation.ts'

/** What the gateway's plain HTTP routes need. */
export interface HttpRouteDeps {
  admission: Admission
  addressOf: AddressReader
  /** Whether pages of an origin may read why they are refused. */
  allowsOrigin: OriginCheck
  metrics: Metrics
  /** Whether the public port answers `/metrics`; false by default. */
  publicMetrics?: boolean | undefined
  nameAnswer: NameAnswer
  health: () => { connections: number; rooms: number }
  readiness: Pick<Readiness, 'reasons'>
}

/** Everything that the gateway answers besides upgrades. */
export function registerHttpRoutes(app: TemplatedApp, deps: HttpRouteDeps): void {
  registerUpgradeExplanation(app, deps)
  registerHealth(app, deps)
  if (deps.publicMetrics) registerMetrics(app, deps)
  registerNotFound(app, deps)
}

/** The routes of the internal port. */
export function registerInternalRoutes(app: TemplatedApp, deps: HttpRouteDeps): void {
  registerHealth(app, deps)
  registerMetrics(app, deps)
  registerNotFound(app, deps)
}

function registerNotFound(
  app: TemplatedApp,
  { nameAnswer }: Pick<HttpRouteDeps, 'nameAnswer'>,
): void {
  const error = { status: 404, code: 'route_not_found', message: 'No such route' }
  app.any('/*', (response, request) => sendProblem(response, error, nameAnswer(request)))
}
