import type { Answer } from '@mindfuse/testing'
import { expect } from 'vitest'

/**
 * All items of a list, in the order of its pages.
 * @param get fetches a page; `cursor` continues a query, and is empty for the first page
 */
export async function readPages(get: (cursor: string) => Promise<Answer>): Promise<any[]> {
  const items: any[] = []
  let cursor = ''
  do {
    const { status, body }: Answer = await get(cursor)
    expect(status).toBe(200)
    items.push(...body.items)
    cursor = body.nextCursor ? `&cursor=${body.nextCursor}` : ''
  } while (cursor)
  return items
}
