import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { exactly } from './exactly.ts'
import { AssetStoreError } from './store/asset-store.ts'

const sourceOf = (...chunks: string[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)))

test('as many bytes as were promised pass', async () => {
  expect(await text(exactly(6, sourceOf('one', 'two')))).toBe('onetwo')
})

test.each([
  ['fewer', 7],
  ['more', 5],
])('%s are an error, and none too many passes', async (_, promised) => {
  let passed = ''
  const read = async () => {
    for await (const chunk of exactly(promised, sourceOf('one', 'two'))) passed += chunk
  }
  await expect(read()).rejects.toThrow(AssetStoreError)
  expect(passed.length).toBeLessThanOrEqual(promised)
})

test('a reader who leaves ends the source, and a source that fails its reader', async () => {
  const left = sourceOf('one', 'two')
  for await (const _ of exactly(6, left)) break
  expect(left.destroyed).toBe(true)
  const failing = new Readable({ read: (): void => void failing.destroy(new Error('broken')) })
  await expect(text(exactly(6, failing))).rejects.toThrow('broken')
})
