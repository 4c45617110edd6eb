import type { AssetStore } from './asset-store.ts'
import { openDirectoryStore } from './directory-store.ts'

/** The settings that {@link openAssetStore} reads. */
export interface AssetStoreSettings {
  ASSETS_DIR?: string
}

/**
 * The store that the settings name; undefined where they name none.
 * @throws StartupError where it cannot be used
 */
export async function openAssetStore(
  settings: AssetStoreSettings,
): Promise<AssetStore | undefined> {
  return settings.ASSETS_DIR === undefined ? undefined : openDirectoryStore(settings.ASSETS_DIR)
}
