import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, expect } from 'vitest'
import { FileHasher } from './file-hasher.ts'

const test = base
  .extend('dir', async ({ task: _ }, { onCleanup }) => {
    const dir = await mkdtemp(join(tmpdir(), 'file-hasher-'))
    onCleanup(() => rm(dir, { recursive: true }))
    return dir
  })
  .extend('hasher', async ({ task: _ }, { onCleanup }) => {
    const hasher = new FileHasher()
    onCleanup(() => hasher.close())
    return hasher
  })

test('files of any size have their SHA-256, whatever else is asked at the same time', async ({
  dir,
  hasher,
}) => {
  const files = [0, 1, 256 * 1024, 256 * 1024 + 1, 3_000_000].map((size) => randomBytes(size))
  const digests = files.map(async (bytes, i) => {
    const path = join(dir, `${i}`)
    await writeFile(path, bytes)
    return hasher.hash(path)
  })
  const missing = expect(hasher.hash(join(dir, 'missing'))).rejects.toThrow('ENOENT')
  expect(await Promise.all(digests)).toEqual(
    files.map((bytes) => createHash('sha256').update(bytes).digest('hex')),
  )
  await missing
})

test('what waits when its thread ends is an error, and the next file has a new thread', async ({
  dir,
  hasher,
}) => {
  const path = join(dir, 'file')
  await writeFile(path, 'some bytes')
  const waiting = expect(hasher.hash(path)).rejects.toThrow('ended')
  await hasher.close()
  await waiting
  expect(await hasher.hash(path)).toMatch(/^[0-9a-f]{64}$/)
})
