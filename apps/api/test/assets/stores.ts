import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AssetStore } from '../../src/assets/store/asset-store.ts'
import { openDirectoryStore } from '../../src/assets/store/directory-store.ts'

/** One place for assets, as two instances of the API have it open. */
export interface Subject {
  one: AssetStore
  other: AssetStore
  /** Puts something that is no asset between the assets. */
  litter(name: string): Promise<void>
  close(): Promise<void>
}

/** Every store that the contract suite is run over. */
export const STORES: Record<string, () => Promise<Subject>> = {
  'in a directory': async () => {
    const dir = await mkdtemp(join(tmpdir(), 'mindfuse-assets-'))
    return {
      one: await openDirectoryStore(dir),
      other: await openDirectoryStore(dir),
      litter: (name) => writeFile(join(dir, 'objects', name), 'litter'),
      close: () => rm(dir, { recursive: true }),
    }
  },
}
