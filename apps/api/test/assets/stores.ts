import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type S3Server, someFail, startS3Server } from '@mindfuse/testing'
import type { AssetStore } from '../../src/assets/store/asset-store.ts'
import { openDirectoryStore } from '../../src/assets/store/directory-store.ts'
import { openS3Store } from '../../src/assets/store/s3-store.ts'

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
  'in a bucket': async () => inBucket(await startS3Server()),
  'in a bucket of a server that fails': async () => {
    const server = await startS3Server()
    server.faultOf = someFail(0.1)
    return inBucket(server)
  },
}

/** Shorter than usual, so that a test that stalls does not last. */
export const STALL_MS = 500

export function openBucket(server: S3Server, prefix = ''): Promise<AssetStore> {
  const { url: endpoint, bucket, account } = server
  return openS3Store({ endpoint, bucket, prefix, pathStyle: true, stallMs: STALL_MS, ...account })
}

async function inBucket(server: S3Server): Promise<Subject> {
  const prefix = 'some/files & more/'
  const [one, other] = [await openBucket(server, prefix), await openBucket(server, prefix)]
  return {
    one,
    other,
    litter: (name) => server.put(`${prefix}${name}`, 'litter'),
    async close() {
      await one.close()
      await other.close()
      await server.close()
    },
  }
}
