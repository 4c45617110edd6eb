// Retention of files all the time instead of every ten minutes, in a process that can be killed while it is at it.
import { openAssetStore } from '../../apps/api/dist/assets/store/open-store.js'
import { openDatabase } from '../../apps/api/dist/db/database.js'
import { sweep } from '../../apps/api/dist/retention/left-over-assets.js'
import { removeReleasedAssets } from '../../apps/api/dist/retention/released-assets.js'

const { DATABASE_URL: url = '' } = process.env
const { db } = openDatabase({ url, poolSize: 4, onError: () => undefined })
const settings = { ASSETS_S3_REGION: 'us-east-1', ASSETS_S3_PATH_STYLE: true, ...process.env }
const assets = await openAssetStore(settings)

for (;;) {
  try {
    await removeReleasedAssets({ db, assets })
    await sweep({ db, assets })
  } catch (error) {
    process.stdout.write(`${error.message}\n`)
  }
  await new Promise((resolve) => setTimeout(resolve, 20))
}
