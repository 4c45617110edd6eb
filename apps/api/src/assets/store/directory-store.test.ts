import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StartupError } from '@mindfuse/service-kit'
import { test as base, expect } from 'vitest'
import { type AssetStore, AssetStoreError } from './asset-store.ts'
import { openDirectoryStore } from './directory-store.ts'

const HOUR_MS = 60 * 60 * 1_000

const test = base
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from it that nothing is needed
  .extend('dir', async ({}, { onCleanup }) => {
    const dir = await mkdtemp(join(tmpdir(), 'mindfuse-assets-'))
    onCleanup(() => rm(dir, { recursive: true, force: true }))
    return dir
  })
  .extend('store', ({ dir }) => openDirectoryStore(join(dir, 'assets')))

test.for([
  ['listing', async (store: AssetStore) => store.list()[Symbol.asyncIterator]().next()],
  ['start', async (_: AssetStore, dir: string) => openDirectoryStore(join(dir, 'assets'))],
] as const)(
  'uploads that a process left behind go after a day, by the next %s',
  async ([_, removeThem], { store, dir }) => {
    const ages = { old: 25, young: 23, new: 0 }
    for (const [name, hours] of Object.entries(ages)) {
      const path = join(store.incoming, name)
      await writeFile(path, name)
      const at = new Date(Date.now() - hours * HOUR_MS)
      await utimes(path, at, at)
    }
    await removeThem(store, dir)
    expect(await readdir(store.incoming)).toEqual(['new', 'young'])
  },
)

test('nobody else of this system may enter', async ({ store, dir }) => {
  for (const path of [store.incoming, join(dir, 'assets/objects')]) {
    expect((await stat(path)).mode & 0o077).toBe(0)
  }
})

test('a directory that cannot be made is a reason not to start', async ({ dir }) => {
  const path = join(dir, 'file')
  await writeFile(path, '')
  await expect(openDirectoryStore(path)).rejects.toThrow(
    new StartupError(`the directory for assets ${path} cannot be written (ENOTDIR)`),
  )
})

test('while the directory is away, everything is an error, and nothing is missing', async ({
  store,
  dir,
}) => {
  const key = { digest: 'ab'.repeat(32), id: randomUUID() }
  await rename(join(dir, 'assets'), join(dir, 'away'))
  await expect(store.open(key)).rejects.toThrow(AssetStoreError)
  await writeFile(join(dir, 'assets'), '')
  await expect(store.check()).rejects.toThrow(AssetStoreError)
  await expect(store.open(key)).rejects.toThrow(AssetStoreError)
  await expect(store.remove(key)).rejects.toThrow(AssetStoreError)
  await expect(store.list()[Symbol.asyncIterator]().next()).rejects.toThrow(AssetStoreError)
})
