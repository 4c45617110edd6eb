import { Counter, type Registry } from 'prom-client'
import { ApiError } from '../http/errors.ts'
import type { Asset } from './schemas.ts'

/** What became of an upload. */
type Outcome = 'added' | 'known' | 'refused' | 'failed'

/** Counts what is sent to boards, and what cannot be read any more. */
export interface BoardAssetMetrics {
  measureUpload<Upload extends { isNew: boolean; asset: Asset }>(
    upload: () => Promise<Upload>,
  ): Promise<Upload>
  lost: Counter
}

/** Registers them. */
export function createBoardAssetMetrics(registry: Registry): BoardAssetMetrics {
  const registers = [registry]
  const uploads = new Counter({
    name: 'asset_uploads_total',
    help: 'Files that were received for boards, by what became of them',
    labelNames: ['outcome'],
    registers,
  })
  const bytes = new Counter({
    name: 'asset_uploaded_bytes_total',
    help: 'Bytes of files that were added to boards',
    registers,
  })
  const lost = new Counter({
    name: 'asset_lost_total',
    help: 'Reads of files that have a row and no bytes in the asset store',
    registers,
  })
  const count = (outcome: Outcome, more = 1) => uploads.inc({ outcome }, more)
  for (const outcome of ['added', 'known', 'refused', 'failed'] as const) count(outcome, 0)
  return {
    lost,
    async measureUpload(upload) {
      try {
        const result = await upload()
        count(result.isNew ? 'added' : 'known')
        if (result.isNew) bytes.inc(result.asset.bytes)
        return result
      } catch (error) {
        count(error instanceof ApiError && error.status < 500 ? 'refused' : 'failed')
        throw error
      }
    },
  }
}
