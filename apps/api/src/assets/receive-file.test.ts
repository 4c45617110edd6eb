import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { eventually } from '@mindfuse/testing'
import { test as base, expect } from 'vitest'
import { FileHasher } from './file-hasher.ts'
import { createReceiveFile, type Upload } from './receive-file.ts'

const MIB = 1024 * 1024
const PNG = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), randomBytes(MIB)])

const test = base
  .extend('dir', async ({ task: _ }, { onCleanup }) => {
    const dir = await mkdtemp(join(tmpdir(), 'receive-file-'))
    onCleanup(() => rm(dir, { recursive: true }))
    return dir
  })
  .extend('hasher', async ({ task: _ }, { onCleanup }) => {
    const hasher = new FileHasher()
    onCleanup(() => hasher.close())
    return hasher
  })

/** A body that arrives as it is written. */
function newUpload(sender: string, bytes = PNG): Upload & { body: PassThrough & IncomingMessage } {
  const body = Object.assign(new PassThrough(), { headers: {}, complete: false })
  const digest = createHash('sha256').update(bytes).digest('hex')
  return { body: body as unknown as PassThrough & IncomingMessage, digest, sender }
}

async function sizesIn(dir: string): Promise<number[]> {
  const files = (await readdir(dir)).map((name) => stat(join(dir, name)))
  return (await Promise.all(files)).map(({ size }) => size)
}

test('a file is there while it is used, for this user of the system alone', async ({
  dir,
  hasher,
}) => {
  const receive = createReceiveFile({ dir, hasher, maxBytes: 2 * MIB })
  const upload = newUpload('ada')
  upload.body.end(PNG)
  const path = await receive(upload, async (file) => {
    expect(file).toMatchObject({ bytes: PNG.length, contentType: 'image/png' })
    expect((await readFile(file.path)).equals(PNG)).toBe(true)
    expect((await stat(file.path)).mode & 0o777).toBe(0o600)
    return file.path
  })
  expect(path).toContain(dir)
  expect(await readdir(dir)).toEqual([])
})

test('one that cannot be used is gone as well', async ({ dir, hasher }) => {
  const receive = createReceiveFile({ dir, hasher, maxBytes: 2 * MIB })
  const upload = newUpload('ada')
  upload.body.end(PNG)
  const failing = receive(upload, () => Promise.reject(new Error('the store is away')))
  await expect(failing).rejects.toThrow('the store is away')
  expect(await readdir(dir)).toEqual([])
})

test('a person has a share of the space, and frees it as their files are through', async ({
  dir,
  hasher,
}) => {
  const receive = createReceiveFile({ dir, hasher, maxBytes: 2 * MIB, maxTotalBytes: 4 * MIB })
  const first = newUpload('ada')
  const second = newUpload('ada')
  const done = receive(first, async () => undefined)
  first.body.write(PNG)
  await eventually('it is written', async () => {
    const [name] = await readdir(dir)
    return name !== undefined && (await stat(join(dir, name))).size === PNG.length
  })
  second.body.end(PNG)
  const refused = receive(second, async () => undefined)
  await expect(refused).rejects.toMatchObject({ status: 429, code: 'too_many_uploads' })
  const other = newUpload('alan')
  other.body.end(PNG.subarray(0, 1_000))
  await expect(receive(other, async () => undefined)).rejects.toMatchObject({ status: 422 })
  first.body.end()
  await done
  const third = newUpload('ada')
  third.body.end(PNG)
  await receive(third, async () => undefined)
})

test('slow senders take no turn from others', async ({ dir, hasher }) => {
  const receive = createReceiveFile({ dir, hasher, maxBytes: 2 * MIB })
  const slow = Array.from({ length: 40 }, (_, i) => newUpload(`slow${i}`))
  const received = slow.map((upload) => receive(upload, async () => undefined))
  for (const { body } of slow) body.write(PNG.subarray(0, 1_000))
  await eventually('all have begun', async () => {
    const sizes = await sizesIn(dir)
    return sizes.filter((size) => size === 1_000).length === slow.length
  })

  const quick = newUpload('quick')
  quick.body.end(PNG)
  await receive(quick, async () => undefined)

  for (const { body } of slow) body.end(PNG.subarray(1_000))
  await Promise.all(received)
  expect(await readdir(dir)).toEqual([])
})

test('one that is cut leaves nothing, and no turn is lost', async ({ dir, hasher }) => {
  const receive = createReceiveFile({ dir, hasher, maxBytes: 2 * MIB })
  for (let i = 0; i < 20; i++) {
    const upload = newUpload('ada')
    upload.body.write(PNG.subarray(0, 1_000))
    const received = receive(upload, async () => undefined)
    await eventually('it has begun', async () => (await sizesIn(dir))[0] === 1_000)
    upload.body.destroy(i % 2 === 0 ? new Error('aborted') : undefined)
    await expect(received).rejects.toMatchObject({ status: 400, code: 'upload_cut' })
  }
  expect(await readdir(dir)).toEqual([])
  const whole = newUpload('ada')
  whole.body.end(PNG)
  await receive(whole, async () => undefined)
})

test('where it cannot be written, that is for the store to say', async ({ dir, hasher }) => {
  const receive = createReceiveFile({ dir: join(dir, 'missing'), hasher, maxBytes: MIB })
  const upload = newUpload('ada')
  upload.body.end(PNG)
  await expect(receive(upload, async () => undefined)).rejects.toThrow('cannot be received')
})
