import { constants } from 'node:fs'
import { access, mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { StartupError } from '@mindfuse/service-kit'
import type {
  AssetBytes,
  AssetKey,
  AssetStore,
  ByteRange,
  ListedAsset,
  ReceivedFile,
} from './asset-store.ts'
import { DIRECTORY_MODE, removeAbandoned } from './incoming.ts'
import { keyOf, pathOf, SHARDS } from './key-names.ts'
import { reaching, unreachable } from './reaching.ts'
import { unlessMissing } from './unless-missing.ts'

/** Entries of a page of {@link DirectoryStore.list}. */
const PAGE_SIZE = 1_000

/**
 * Opens a store in `dir`, which is made where it is missing.
 * @throws StartupError where it cannot be written
 */
export async function openDirectoryStore(dir: string): Promise<AssetStore> {
  const store = new DirectoryStore(dir)
  try {
    await store.prepare()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new StartupError(`the directory for assets ${dir} cannot be written (${code})`)
  }
  return store
}

/** Assets as files: below `objects`, by the first digits of their digest; uploads below `incoming`. */
class DirectoryStore implements AssetStore {
  readonly incoming: string
  readonly #objects: string

  constructor(dir: string) {
    this.incoming = join(dir, 'incoming')
    this.#objects = join(dir, 'objects')
  }

  /** Makes all directories: one that an upload made would have to be durable before any other upload is. */
  async prepare(): Promise<void> {
    const options = { recursive: true, mode: DIRECTORY_MODE }
    await mkdir(this.incoming, options)
    await Promise.all(SHARDS.map((shard) => mkdir(join(this.#objects, shard), options)))
    await syncDirectory(this.#objects)
    await syncDirectory(join(this.#objects, '..'))
    await this.#requireWritable()
    await removeAbandoned(this.incoming)
  }

  async put(key: AssetKey, file: ReceivedFile): Promise<void> {
    const path = this.#pathOf(key)
    await reaching('store an asset', async () => {
      try {
        await syncFile(file.path)
        await rename(file.path, path)
      } catch (error) {
        await rm(file.path, { force: true })
        throw error
      }
      await syncDirectory(join(path, '..'))
    })
  }

  async open(key: AssetKey, range?: ByteRange): Promise<AssetBytes | undefined> {
    const path = this.#pathOf(key)
    const file = await reaching('open an asset', async () => {
      const opened = await unlessMissing(open(path))
      // Without its directory the store is away, and has lost nothing.
      if (!opened) await access(join(path, '..'))
      return opened
    })
    return file && { stream: file.createReadStream(range && { start: range.from, end: range.to }) }
  }

  async remove(key: AssetKey): Promise<void> {
    await reaching('remove an asset', () => rm(this.#pathOf(key), { force: true }))
  }

  async *list(): AsyncGenerator<ListedAsset[]> {
    try {
      await removeAbandoned(this.incoming)
      for (const shard of SHARDS) yield* this.#listShard(shard)
    } catch (error) {
      throw unreachable('list assets', error)
    }
  }

  check(): Promise<void> {
    return reaching('write', () => this.#requireWritable())
  }

  async close(): Promise<void> {
    // Nothing stays open between two calls.
  }

  #pathOf(key: AssetKey): string {
    return join(this.#objects, pathOf(key))
  }

  async #requireWritable(): Promise<void> {
    for (const dir of [this.incoming, this.#objects]) {
      await access(dir, constants.R_OK | constants.W_OK | constants.X_OK)
    }
  }

  async *#listShard(shard: string): AsyncGenerator<ListedAsset[]> {
    let page: ListedAsset[] = []
    for await (const { name } of await opendir(join(this.#objects, shard))) {
      const key = keyOf(shard, name)
      const stats = key && (await unlessMissing(stat(this.#pathOf(key))))
      if (stats) page.push({ key, writtenAt: stats.mtime })
      if (page.length < PAGE_SIZE) continue
      yield page
      page = []
    }
    if (page.length > 0) yield page
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes the names in a directory durable. Windows cannot be asked to. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform !== 'win32') await syncFile(path)
}
