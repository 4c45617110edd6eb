import { StartupError } from '@mindfuse/service-kit'
import type { AssetStore } from './asset-store.ts'
import { openDirectoryStore } from './directory-store.ts'
import { openS3Store } from './s3-store.ts'

/** The settings that {@link openAssetStore} reads; with an endpoint, bucket and keys are there too. */
export interface AssetStoreSettings {
  ASSETS_DIR?: string
  ASSETS_S3_ENDPOINT?: string
  ASSETS_S3_BUCKET?: string
  ASSETS_S3_ACCESS_KEY_ID?: string
  ASSETS_S3_SECRET_ACCESS_KEY?: string
  ASSETS_S3_REGION: string
  ASSETS_S3_PATH_STYLE: boolean
  ASSETS_S3_PREFIX?: string
}

/**
 * Opens the store that the settings name; undefined where they name none.
 * @throws StartupError where it cannot be used
 */
export async function openAssetStore(
  settings: AssetStoreSettings,
): Promise<AssetStore | undefined> {
  const { ASSETS_DIR: dir, ASSETS_S3_ENDPOINT: endpoint } = settings
  if (dir !== undefined && endpoint !== undefined) {
    throw new StartupError('Set ASSETS_DIR or ASSETS_S3_ENDPOINT, not both')
  }
  if (dir !== undefined) return openDirectoryStore(dir)
  if (endpoint === undefined) return undefined
  return openS3Store({
    endpoint,
    bucket: settings.ASSETS_S3_BUCKET ?? '',
    accessKeyId: settings.ASSETS_S3_ACCESS_KEY_ID ?? '',
    secretAccessKey: settings.ASSETS_S3_SECRET_ACCESS_KEY ?? '',
    region: settings.ASSETS_S3_REGION,
    pathStyle: settings.ASSETS_S3_PATH_STYLE,
    prefix: settings.ASSETS_S3_PREFIX ?? '',
  })
}
