import { expect, test } from 'vitest'
import { MemoryBudget } from './memory-budget.ts'
import { SPOOL_AFTER_BYTES, Spool, type Spooled } from './spool.ts'

const MIB = 1024 * 1024
const ADA = { person: 'ada' }
const ALAN = { person: 'alan' }
const BUSY = { status: 503, code: 'documents_busy' }

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
  const spooled = await spool.write(chunks(count, size), ADA)
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
  await expect(
    spool.write(chunks(2, 3 * MIB), { ...ADA, maxBytes: 4 * MIB }),
  ).rejects.toMatchObject({
    status: 413,
    code: 'document_too_large',
  })
  expect(spool.bytes).toBe(0)
  const first = await spool.write(chunks(1, 6 * MIB), ADA)
  await expect(spool.write(chunks(1, 5 * MIB), ALAN)).rejects.toMatchObject(BUSY)
  expect(spool.bytes).toBe(6 * MIB)
  await first.close()
  const second = await spool.write(chunks(1, 5 * MIB), ALAN)
  expect(second.bytes).toBe(5 * MIB)
  await second.close()
})

test('however many files people have, some of the space is free for the next', async () => {
  const spool = new Spool({ maxTotalBytes: 100 * MIB })
  const open: Spooled[] = []
  const fill = async (person: string) => {
    for (;;) open.push(await spool.write(chunks(4, MIB), { person }))
  }
  // A quarter for someone alone, a third of what is left for the next.
  for (const person of ['ada', 'alan', 'grace']) {
    await expect(fill(person)).rejects.toMatchObject({
      status: 429,
      code: 'too_many_document_jobs',
    })
  }
  expect(spool.bytes).toBeLessThan(70 * MIB)
  const next = await spool.write(chunks(7, MIB), { person: 'barbara' })
  // One file is refused as well where it is more than a share.
  await expect(spool.write(chunks(20, MIB), { person: 'edsger' })).rejects.toMatchObject(BUSY)
  for (const spooled of [...open, next]) await spooled.close()
  expect(spool.bytes).toBe(0)
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
