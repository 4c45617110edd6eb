import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type AssetKey,
  type AssetStore,
  AssetStoreError,
  type ByteRange,
  type ListedAsset,
} from '../../src/assets/store/asset-store.ts'
import { STORES, type Subject } from './stores.ts'

const MIB = 1024 * 1024

/** What the clocks of a store and of this machine may differ by, milliseconds. */
const CLOCKS_DIFFER_MS = 60_000

const keyFor = (bytes: Buffer): AssetKey => ({
  digest: createHash('sha256').update(bytes).digest('hex'),
  id: randomUUID(),
})

describe.each(Object.keys(STORES))('the asset store %s', (name) => {
  let subject: Subject
  let one: AssetStore
  beforeAll(async () => {
    subject = await STORES[name]!()
    one = subject.one
  })
  afterAll(() => subject?.close())

  let bytes: Buffer
  let key: AssetKey
  beforeEach(() => {
    bytes = randomBytes(100_000)
    key = keyFor(bytes)
  })

  /** A file as an upload leaves it. */
  async function receive(content = bytes) {
    const path = join(one.incoming, randomUUID())
    await writeFile(path, content)
    return { path, bytes: content.length }
  }

  async function read(store: AssetStore, of = key, range?: ByteRange) {
    const found = await store.open(of, range)
    return found && (await buffer(found.stream))
  }

  async function listed(): Promise<ListedAsset[]> {
    const all: ListedAsset[] = []
    for await (const page of subject.other.list()) all.push(...page)
    return all
  }

  test.each([0, 1, 100_000, 6 * MIB])('%i bytes that one stores are read by all', async (size) => {
    bytes = randomBytes(size)
    key = keyFor(bytes)
    expect(await read(one)).toBeUndefined()
    await one.put(key, await receive())
    expect(bytes.equals((await read(subject.other))!)).toBe(true)
  })

  test('a received file is taken, whether it can be stored or not', async () => {
    const received = await receive()
    await one.put(key, received)
    expect(existsSync(received.path)).toBe(false)
    await expect(one.put(keyFor(bytes), received)).rejects.toThrow(AssetStoreError)
  })

  test.each([
    { from: 0, to: 0 },
    { from: 10, to: 19 },
    { from: 99_000, to: 99_999 },
    { from: 0, to: 99_999 },
  ])('bytes $from to $to are read alone', async (range) => {
    await one.put(key, await receive())
    const part = await read(one, key, range)
    expect(bytes.subarray(range.from, range.to + 1).equals(part!)).toBe(true)
  })

  test('the same bytes under two names are removed one by one, and as often as one likes', async () => {
    const second = { ...key, id: randomUUID() }
    await one.put(key, await receive())
    await one.put(second, await receive())
    await one.remove(key)
    await subject.other.remove(key)
    expect(await read(one)).toBeUndefined()
    expect(bytes.equals((await read(one, second))!)).toBe(true)
    await one.remove(second)
    expect(await read(one, second)).toBeUndefined()
  })

  test('a reader that leaves early leaves the bytes as they are', async () => {
    bytes = randomBytes(2 * MIB)
    key = keyFor(bytes)
    await one.put(key, await receive())
    const found = await one.open(key)
    for await (const _ of found!.stream) break
    const unread = await one.open(key)
    unread!.stream.destroy()
    expect(bytes.equals((await read(one))!)).toBe(true)
  })

  test('what is stored is listed with when it was, and nothing else', async () => {
    const keys = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const content = Buffer.from(`${i} of ${key.id}`)
        const own = keyFor(content)
        await one.put(own, await receive(content))
        return own
      }),
    )
    const [gone, ...kept] = keys
    await one.remove(gone!)
    await receive()
    await subject.litter('README')
    await subject.litter(`${key.digest.slice(0, 2)}/${key.digest}`)
    const ids = new Set(keys.map(({ id }) => id))
    const ours = (await listed()).filter((asset) => ids.has(asset.key.id))
    const byId = (a: AssetKey, b: AssetKey) => (a.id < b.id ? -1 : 1)
    expect(ours.map((asset) => asset.key).toSorted(byId)).toEqual(kept.toSorted(byId))
    for (const { writtenAt } of ours) {
      expect(Math.abs(writtenAt.getTime() - Date.now())).toBeLessThan(CLOCKS_DIFFER_MS)
    }
    expect((await listed()).map((asset) => asset.key)).not.toContainEqual(
      expect.objectContaining({ digest: key.digest }),
    )
  })

  test('many at once are all stored', async () => {
    const contents = Array.from({ length: 50 }, () => randomBytes(200_000))
    const keys = contents.map(keyFor)
    await Promise.all(contents.map(async (it, i) => one.put(keys[i]!, await receive(it))))
    const found = await Promise.all(keys.map((own) => read(subject.other, own)))
    expect(found.map((it, i) => contents[i]!.equals(it!))).toEqual(contents.map(() => true))
  })

  test('it says that it answers', async () => {
    await one.check()
    await subject.other.check()
  })
})
