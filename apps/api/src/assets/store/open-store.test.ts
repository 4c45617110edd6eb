import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StartupError } from '@mindfuse/service-kit'
import { expect, onTestFinished, test } from 'vitest'
import { openAssetStore } from './open-store.ts'

const DEFAULTS = { ASSETS_S3_REGION: 'us-east-1', ASSETS_S3_PATH_STYLE: true }
const S3 = {
  ASSETS_S3_ENDPOINT: 'https://s3.example',
  ASSETS_S3_BUCKET: 'files',
  ASSETS_S3_ACCESS_KEY_ID: 'id',
  ASSETS_S3_SECRET_ACCESS_KEY: 'secret',
}

test('without a place there is no store', async () => {
  expect(await openAssetStore(DEFAULTS)).toBeUndefined()
})

test('with two places nobody knows which is meant', async () => {
  await expect(openAssetStore({ ...DEFAULTS, ...S3, ASSETS_DIR: 'files' })).rejects.toThrow(
    new StartupError('Set ASSETS_DIR or ASSETS_S3_ENDPOINT, not both'),
  )
})

test('a directory receives files in itself, a bucket in the temporary directory', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'mindfuse-assets-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const stores = [
    await openAssetStore({ ...DEFAULTS, ASSETS_DIR: dir }),
    await openAssetStore({ ...DEFAULTS, ...S3 }),
  ]
  const places = stores.map((store) => store?.incoming)
  expect(places).toEqual([join(dir, 'incoming'), expect.stringContaining(tmpdir())])
  for (const store of stores) await store?.close()
})
