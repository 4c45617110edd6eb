import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { S3_FAULTS, type S3Fault, startS3Server } from '@mindfuse/testing'
import { test as base, expect } from 'vitest'
import { AssetStoreError } from '../../src/assets/store/asset-store.ts'
import { openS3Store } from '../../src/assets/store/s3-store.ts'
import { openBucket, STALL_MS } from './stores.ts'

const MIB = 1024 * 1024

const test = base
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from it that nothing is needed
  .extend('server', async ({}, { onCleanup }) => {
    const server = await startS3Server()
    onCleanup(() => server.close())
    return server
  })
  .extend('store', async ({ server }, { onCleanup }) => {
    const store = await openBucket(server)
    onCleanup(() => store.close())
    return store
  })
  .extend('bytes', randomBytes(3 * MIB))
  .extend('key', ({ bytes }) => ({
    digest: createHash('sha256').update(bytes).digest('hex'),
    id: randomUUID(),
  }))
  .extend('receive', ({ store, bytes }) => async (content = bytes) => {
    const path = join(store.incoming, randomUUID())
    await writeFile(path, content)
    return { path, bytes: content.length }
  })

/** The first two requests fail like this, all others do not. */
function twice(fault: S3Fault) {
  let left = 2
  return () => (left-- > 0 ? fault : undefined)
}

const EVERY_FAULT = S3_FAULTS.map((fault) => ({ fault }))

test.concurrent.for(EVERY_FAULT)(
  'requests that $fault are repeated until they work',
  async ({ fault }, { server, store, key, bytes, receive }) => {
    server.faultOf = twice(fault)
    await store.put(key, await receive())
    expect(server.faults.get(fault)).toBe(2)
    server.faultOf = twice(fault)
    const found = await store.open(key)
    expect(bytes.equals(await buffer(found!.stream))).toBe(true)
    server.faultOf = twice(fault)
    const part = await store.open(key, { from: 100_000, to: 2_000_000 })
    expect(bytes.subarray(100_000, 2_000_001).equals(await buffer(part!.stream))).toBe(true)
    server.faultOf = twice(fault)
    for await (const page of store.list()) expect(page).toMatchObject([{ key }])
    server.faultOf = twice(fault)
    await store.check()
    server.faultOf = twice(fault)
    await store.remove(key)
    expect(server.keys).toEqual([])
  },
)

test('where it never works, nothing is stored, and the received file is gone', async ({
  server,
  store,
  key,
  receive,
}) => {
  const received = await receive()
  server.faultOf = () => 'fail'
  await expect(store.put(key, received)).rejects.toThrow(
    new AssetStoreError('the asset store cannot store an asset: S3 answered 500 InternalError'),
  )
  expect([server.keys, existsSync(received.path)]).toEqual([[], false])
  await expect(store.open(key)).rejects.toThrow(AssetStoreError)
  await expect(store.remove(key)).rejects.toThrow(AssetStoreError)
  await expect(store.check()).rejects.toThrow(AssetStoreError)
  await expect(store.list()[Symbol.asyncIterator]().next()).rejects.toThrow(AssetStoreError)
})

test('bytes with another digest are refused by the server', async ({
  server,
  store,
  key,
  receive,
}) => {
  await expect(store.put(key, await receive(randomBytes(1_000)))).rejects.toThrow(
    /400 XAmzContentSHA256Mismatch/,
  )
  expect(server.keys).toEqual([])
})

test.for([
  ['secret', { secretAccessKey: 'another' }, /403 SignatureDoesNotMatch/],
  ['key', { accessKeyId: 'another' }, /403 InvalidAccessKeyId/],
  ['region', { region: 'another' }, /403 AuthorizationHeaderMalformed/],
  ['bucket', { bucket: 'another' }, /404/],
] as const)(
  'with another %s nothing works, and nothing is missing',
  async ([_, other, reason], { server, key }) => {
    const { url: endpoint, bucket, account } = server
    const store = await openS3Store({
      endpoint,
      bucket,
      prefix: '',
      pathStyle: true,
      ...account,
      ...other,
    })
    await expect(store.open(key)).rejects.toThrow(reason)
    await expect(store.check()).rejects.toThrow(AssetStoreError)
    await store.close()
  },
)

test('a server that is away is an error until it is back', async ({
  server,
  store,
  key,
  bytes,
  receive,
}) => {
  await store.put(key, await receive())
  await server.stop()
  await expect(store.open(key)).rejects.toThrow(/ECONNREFUSED/)
  await server.listen()
  expect(bytes.equals(await buffer((await store.open(key))!.stream))).toBe(true)
})

test('a bucket is listed in pages', async ({ server, store }) => {
  const keys = Array.from({ length: 2_500 }, () => {
    const digest = randomBytes(32).toString('hex')
    return { digest, id: randomUUID() }
  })
  for (const { digest, id } of keys) await server.put(`${digest.slice(0, 2)}/${digest}.${id}`, '')
  const pages: number[] = []
  const listed: string[] = []
  for await (const page of store.list()) {
    pages.push(page.length)
    listed.push(...page.map(({ key }) => key.id))
  }
  expect(pages).toEqual([1_000, 1_000, 500])
  expect(listed.toSorted()).toEqual(keys.map(({ id }) => id).toSorted())
})

test('a person who reads slowly is not cut off', async ({ store, key, bytes, receive }) => {
  await store.put(key, await receive())
  const { stream } = (await store.open(key))!
  const parts: Buffer[] = []
  const iterator = stream[Symbol.asyncIterator]()
  parts.push((await iterator.next()).value)
  await sleep(2 * STALL_MS)
  for (let next = await iterator.next(); !next.done; next = await iterator.next())
    parts.push(next.value)
  expect(bytes.equals(Buffer.concat(parts))).toBe(true)
})

test('however many do not read on, others do not wait', async ({ store, key, bytes, receive }) => {
  await store.put(key, await receive())
  const stalled = []
  for (let i = 0; i < 300; i++) stalled.push(await store.open(key))
  const found = await store.open(key)
  expect(bytes.equals(await buffer(found!.stream))).toBe(true)
  for (const other of stalled) other?.stream.destroy()
})
