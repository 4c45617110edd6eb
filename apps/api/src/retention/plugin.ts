import type { App } from '../http/app.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { Retention } from './retention.ts'

/** Removes what has expired for as long as the API runs. */
export async function retentionPlugin(app: App, infrastructure: Infrastructure): Promise<void> {
  const retention = new Retention(infrastructure)
  app.addHook('onClose', () => retention.stop())
}
