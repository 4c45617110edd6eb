import { createAddressSigner } from '../assets/signed-addresses.ts'
import { ApiError } from '../http/errors.ts'
import { type Infrastructure, secretsOf } from '../infrastructure.ts'
import { createBoardAssetMetrics } from './metrics.ts'
import { type BoardAssetService, createBoardAssetService } from './service.ts'

/** Files beside documents, where the API has an asset store. */
export function openBoardAssets(infrastructure: Infrastructure): BoardAssetService {
  const { assets: store, registry } = infrastructure
  if (!store) return NOT_CONFIGURED
  return createBoardAssetService({
    ...infrastructure,
    store,
    signer: createAddressSigner(secretsOf(infrastructure), 'assets'),
    metrics: createBoardAssetMetrics(registry),
  })
}

const notConfigured = async (): Promise<never> => {
  throw new ApiError(503, 'assets_not_configured', 'This server keeps no files beside documents')
}

/** Where the API has no asset store. */
const NOT_CONFIGURED: BoardAssetService = {
  add: notConfigured,
  find: notConfigured,
  findToName: notConfigured,
  findSigned: notConfigured,
  open: notConfigured,
  addresses: notConfigured,
  remove: notConfigured,
  close: async () => undefined,
}
