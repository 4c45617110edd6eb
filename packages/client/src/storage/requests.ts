/** Opens a database; `create` makes its stores where there are none. */
export async function openDatabase(
  indexedDB: IDBFactory,
  name: string,
  version: number,
  create: (database: IDBDatabase) => void,
): Promise<IDBDatabase> {
  const request = indexedDB.open(name, version)
  request.onupgradeneeded = () => create(request.result)
  const database = await done(request)
  // Another tab deletes it, which would block for as long as this connection is open.
  database.onversionchange = () => database.close()
  return database
}

/** The result of a request. */
export function done<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

/** Resolves once a transaction is committed. */
export function ended(transaction: IDBTransaction): Promise<void> {
  const result = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error)
  })
  // If the work itself throws, nothing awaits this promise.
  result.catch(() => undefined)
  return result
}
