import { expect, test } from 'vitest'
import { MemoryBudget } from './memory-budget.ts'
import { SPOOL_AFTER_BYTES, Spool } from './spool.ts'

const MIB = 1024 * 1024

async function* chunks(count: number, size: number) {
  for (let i = 0; i < count; i++) yield new Uint8Array(size).fill(i)
}

test.for([
  ['in memory', 10, 1_000],
  ['in a file', 10, SPOOL_AFTER_BYTES / 4],
] as const)('what is spooled %s comes back as it was', async ([_, count, size]) => {
  const spool = new Spool()
  const written: Uint8Array[] = []
  for await (const chunk of chunks(count, size)) written.push(chunk)
  const expected = Buffer.concat(written)
  const spooled = await spool.write(chunks(count, size))
  expect(spooled.bytes).toBe(expected.length)
  expect(spool.bytes).toBe(expected.length > SPOOL_AFTER_BYTES ? expected.length : 0)
  expect((await spooled.whole()).equals(expected)).toBe(true)
  const read: Uint8Array[] = []
  for await (const chunk of spooled.chunks()) read.push(chunk)
  expect(Buffer.concat(read).equals(expected)).toBe(true)
  await spooled.close()
  await spooled.close()
  expect(spool.bytes).toBe(0)
})

test('what is too large, or too much together, is refused and frees what it took', async () => {
  const spool = new Spool({ maxTotalBytes: 10 * MIB })
  await expect(spool.write(chunks(5, MIB), { maxBytes: 4 * MIB })).rejects.toMatchObject({
    status: 413,
    code: 'document_too_large',
  })
  expect(spool.bytes).toBe(0)
  const first = await spool.write(chunks(6, MIB))
  await expect(spool.write(chunks(5, MIB))).rejects.toMatchObject({ code: 'documents_busy' })
  expect(spool.bytes).toBe(6 * MIB)
  await first.close()
  const second = await spool.write(chunks(5, MIB))
  expect(second.bytes).toBe(5 * MIB)
  await second.close()
})

test('large documents pass in their order while there is room, small ones at once', async () => {
  const budget = new MemoryBudget({ maxBytes: 10 * MIB })
  const passed: string[] = []
  const freeFirst = await budget.acquire(8 * MIB)
  const huge = budget.acquire(20 * MIB).then((free) => {
    passed.push('huge')
    return free
  })
  const next = budget.acquire(2 * MIB).then(() => passed.push('next'))
  await budget.acquire(1_000)
  expect(passed).toEqual([])
  freeFirst()
  freeFirst()
  const freeHuge = await huge
  expect(passed).toEqual(['huge'])
  freeHuge()
  await next
  expect(passed).toEqual(['huge', 'next'])
})
