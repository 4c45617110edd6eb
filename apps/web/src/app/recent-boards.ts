import type { RecentBoards } from './app.ts'

const MAX_RECENT = 24

/** Kept in the browser's storage by person; where that is full or closed, for this page only. */
export function createRecentBoards(userId: string, storage: Storage): RecentBoards {
  const key = `mindfuse:recent:${userId}`
  let ids = read(storage, key)
  const write = (next: string[]) => {
    ids = next.slice(0, MAX_RECENT)
    try {
      storage.setItem(key, JSON.stringify(ids))
    } catch {
      // Nothing depends on it: the list lasts as long as the page.
    }
  }
  return {
    list: () => ids,
    add: (boardId) => write([boardId, ...ids.filter((id) => id !== boardId)]),
    remove: (boardId) => write(ids.filter((id) => id !== boardId)),
  }
}

function read(storage: Storage, key: string): string[] {
  try {
    const value: unknown = JSON.parse(storage.getItem(key) ?? '[]')
    return Array.isArray(value) ? value.filter((id) => typeof id === 'string') : []
  } catch {
    // Another program's value, or no storage at all: nothing is known then.
    return []
  }
}
