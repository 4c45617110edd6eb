import type { LibraryPersistenceAdapter } from '@excalidraw/excalidraw/data/library'

const STORE = 'library'
const KEY = 'items'

/** Most that a library may take on a device, characters of JSON: it is read as a whole with each board. */
const MAX_LENGTH = 16 * 1024 * 1024

type LibraryData = Parameters<LibraryPersistenceAdapter['save']>[0]

const nameOf = (userId: string) => `mindfuse-library:${userId}`

/** Where a browser keeps the library of a user. A page in a frame of another site may not keep any. */
export function libraryStore(userId: string): LibraryPersistenceAdapter {
  return {
    load: () =>
      run(userId, 'readonly', (store) => store.get(KEY) as IDBRequest<LibraryData | undefined>)
        .then((data) => data ?? null)
        .catch(() => null),
    async save(data) {
      if (JSON.stringify(data).length > MAX_LENGTH) throw new Error('This library is too large')
      await run(userId, 'readwrite', (store) => store.put(data, KEY))
    },
  }
}

/** Deletes the library of a user from this browser. */
export async function forgetLibrary(userId: string): Promise<void> {
  await done(indexedDB.deleteDatabase(nameOf(userId)))
}

/** Opened for each use: a connection that stays open would keep other tabs from deleting it. */
async function run<Result>(
  userId: string,
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  const opening = indexedDB.open(nameOf(userId))
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE)
  const database = await done(opening)
  try {
    const transaction = database.transaction(STORE, mode)
    const result = done(work(transaction.objectStore(STORE)))
    await ended(transaction)
    return await result
  } finally {
    database.close()
  }
}

function done<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

function ended(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error)
  })
}
