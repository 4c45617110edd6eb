import { expect, test, vi } from 'vitest'
import type { MindfuseError } from '../errors.ts'
import type { FileStore } from '../storage/file-store.ts'
import { Assets } from './assets.ts'
import { digestOf } from './digest.ts'
import type { AssetTransfer } from './transfer.ts'

const picture = (content: string) => new Blob([content], { type: 'image/png' })
const nameOf = async (file: Blob) => digestOf(await file.arrayBuffer())

/** A board whose server has every file, and a store that has these. */
function createAssets({
  download = async () => picture('a picture'),
  waiting = new Map<string, Blob>(),
  role = 'editor',
}: {
  download?: AssetTransfer['download']
  waiting?: Map<string, Blob>
  role?: 'editor' | 'viewer'
} = {}) {
  const seen: Blob[] = []
  const errors: MindfuseError[] = []
  const store: FileStore = {
    waiting: async () => waiting,
    keepWaiting: async (digest, file) => void waiting.set(digest, file),
    dropWaiting: async (digest) => void waiting.delete(digest),
    markUploaded: async (digest) => void waiting.delete(digest),
    read: async (digest) => waiting.get(digest),
    keepSeen: async (_digest, file) => void seen.push(file),
    forget: async () => waiting.clear(),
  }
  const assets = new Assets({
    transfer: {
      upload: () => new Promise(() => undefined),
      sign: async (digests) => ({
        urls: Object.fromEntries(digests.map((digest) => [digest, `https://api/${digest}`])),
        expiresAt: new Date(Date.now() + 900_000).toISOString(),
      }),
      download,
    },
    store,
    environment: { locks: undefined, random: () => 0 },
    name: 'board',
    isOnline: () => true,
    canEdit: () => role === 'editor',
    mayEdit: () => role === 'editor',
    whyDenied: () => undefined,
    onError: (error) => errors.push(error),
  })
  return { assets, waiting, seen, errors }
}

test('what came in place of a file is asked for again, and never kept', async () => {
  const answers = [picture('Please sign in to this network'), picture('a picture')]
  const { assets, seen } = createAssets({ download: async () => answers.shift() as Blob })
  const file = await assets.get(await nameOf(picture('a picture')))
  expect(await file.text()).toBe('a picture')
  expect(seen).toEqual([file])
})

test('a server that always sends another file is no source of it', async () => {
  const { assets, seen } = createAssets({ download: async () => picture('another') })
  const digest = await nameOf(picture('a picture'))
  await expect(assets.get(digest)).rejects.toMatchObject({ code: 'digest_mismatch' })
  expect(seen).toEqual([])
})

test('files that wait of a viewer are given up, also where the role came first', async () => {
  const file = picture('a picture')
  const { assets, waiting } = createAssets({ role: 'viewer', waiting: new Map([['a', file]]) })
  const codes: string[] = []
  assets.on('refused', ({ error }) => codes.push(error.code))
  assets.resume()
  await assets.read()
  expect(codes).toEqual(['read_only'])
  expect(assets.areUploaded).toBe(true)
  await vi.waitFor(() => expect(waiting.size).toBe(0))
})

test('a board that is closed leaves no address of the page behind', async () => {
  const made = vi.spyOn(URL, 'createObjectURL')
  const revoked = vi.spyOn(URL, 'revokeObjectURL')
  const { assets, errors } = createAssets()
  const { digest } = await assets.add(picture('a picture'))
  const [first, second] = await Promise.all([assets.url(digest), assets.url(digest)])
  expect(second).toBe(first)
  const { digest: other } = await assets.add(picture('another'))
  const late = assets.url(other)
  assets.close()
  await expect(late).rejects.toMatchObject({ code: 'closed' })
  const urls = made.mock.results.map(({ value }) => value)
  expect(urls.length).toBeGreaterThan(0)
  expect(revoked.mock.calls.map(([url]) => url).sort()).toEqual(urls.sort())
  expect(errors).toEqual([])
})
