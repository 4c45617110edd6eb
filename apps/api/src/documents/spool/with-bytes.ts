import type { MemoryBudget } from './memory-budget.ts'
import type { Spooled } from './spool.ts'

/** Works with spooled bytes, each in one piece, when memory allows, and frees them. */
export async function withBytes<const All extends readonly Spooled[], Result>(
  memory: MemoryBudget,
  spooled: All,
  work: (...bytes: { [Index in keyof All]: Buffer }) => Promise<Result>,
): Promise<Result> {
  const free = await memory.acquire(spooled.reduce((sum, { bytes }) => sum + bytes, 0))
  try {
    const bytes = await Promise.all(spooled.map((one) => one.whole()))
    return await work(...(bytes as unknown as { [Index in keyof All]: Buffer }))
  } finally {
    free()
    for (const one of spooled) await one.close()
  }
}
