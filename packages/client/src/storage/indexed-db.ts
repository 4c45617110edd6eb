import { mergeUpdates } from 'yjs'
import { newSecret } from '../sync/client-ids.ts'
import type { BoardStore, StoredBoard } from './board-store.ts'
import { FILES } from './indexed-db-files.ts'
import { done, ended, openDatabase } from './requests.ts'

const VERSION = 1
const KNOWN = 'known'
const UNSAVED = 'unsaved'

/**
 * Where the secret is, among the unsaved edits: their keys are numbered from 1, and tabs of earlier
 * releases read from there. A store of its own would be another version, which closes theirs.
 */
const SECRET_KEY = 0

/** Above this number, the updates of the server are merged into one. */
const MERGE_PAST_UPDATES = 200

/** A board's edits in the browser's IndexedDB, in a database of its own. */
export class IndexedDbBoardStore implements BoardStore {
  readonly #indexedDB: IDBFactory
  readonly #name: string
  readonly #database: Promise<IDBDatabase>
  /** The secret of a database that is new, until it was read; undefined for one that was there. */
  #created: Promise<Uint8Array | undefined>
  /** The keys of the unsaved edits that this store wrote or read. */
  #own: IDBValidKey[] = []
  /** The newest keys that were read. */
  #readUpTo = { [KNOWN]: 0, [UNSAVED]: 0 }
  #knownCount = 0
  /** Operations run one after another: an edit is stored before it is marked as saved. */
  #last: Promise<unknown> = Promise.resolve()

  /** @param name identifies the user and the board */
  constructor(name: string, indexedDB: IDBFactory) {
    this.#indexedDB = indexedDB
    this.#name = name
    let known: (secret: Uint8Array | undefined) => void = () => undefined
    this.#created = new Promise((resolve) => {
      known = resolve
    })
    this.#database = openBoard(name, indexedDB, known)
    const wasThere = () => known(undefined)
    this.#database.then(wasThere, wasThere)
    // Every operation reports it.
    this.#database.catch(() => undefined)
  }

  async read(): Promise<StoredBoard> {
    const secret = await this.#created
    this.#created = Promise.resolve(undefined)
    // There is nothing, which is known long before the database can be used.
    if (secret) return { known: [], unsaved: [], secret }
    return this.#run(async (known, unsaved) => {
      // All at once: each answer waits for whatever else a page has to do.
      const [newKnown, newUnsaved, secret] = await Promise.all([
        this.#readNew(known, KNOWN),
        this.#readNew(unsaved, UNSAVED),
        readSecret(unsaved),
      ])
      this.#knownCount += newKnown.length
      if (this.#knownCount > MERGE_PAST_UPDATES) await this.#merge(known)
      return { known: newKnown, unsaved: newUnsaved, secret }
    })
  }

  keepUnsaved(update: Uint8Array): Promise<void> {
    return this.#run(async (_known, unsaved) => {
      const key = await done(unsaved.add(update))
      this.#own.push(key)
    })
  }

  keepKnown(update: Uint8Array): Promise<void> {
    return this.#run((known) => this.#add(known, update))
  }

  markSaved(): Promise<void> {
    return this.#run(async (known, unsaved) => {
      const saved: Uint8Array[] = []
      for (const key of this.#own) {
        // Another tab that read it may have moved it already.
        const update: Uint8Array | undefined = await done(unsaved.get(key))
        if (update) saved.push(update)
        await done(unsaved.delete(key))
      }
      this.#own = []
      if (saved.length > 0) await this.#add(known, mergeUpdates(saved))
    })
  }

  discardUnsaved(): Promise<Uint8Array[]> {
    return this.#run(async (known, unsaved) => {
      for (const key of this.#own) await done(unsaved.delete(key))
      this.#own = []
      return done(known.getAll())
    })
  }

  replaceUnsaved(updates: readonly Uint8Array[]): Promise<void> {
    return this.#run(async (_known, unsaved) => {
      for (const key of this.#own) await done(unsaved.delete(key))
      this.#own = []
      for (const update of updates) this.#own.push(await done(unsaved.add(update)))
    })
  }

  dropKnown(): Promise<void> {
    return this.#run(async (known) => {
      await done(known.clear())
      this.#knownCount = 0
    })
  }

  async forget(): Promise<void> {
    await this.close()
    await done(this.#indexedDB.deleteDatabase(this.#name))
  }

  async close(): Promise<void> {
    await this.#last.catch(() => undefined)
    const database = await this.#database
    database.close()
  }

  /** Reads updates of others with newer keys than before; unsaved ones become this store's own. */
  async #readNew(store: IDBObjectStore, name: typeof KNOWN | typeof UNSAVED) {
    const range = IDBKeyRange.lowerBound(this.#readUpTo[name], true)
    const [keys, updates] = await Promise.all([
      done(store.getAllKeys(range)),
      done<Uint8Array[]>(store.getAll(range)),
    ])
    const last = keys.at(-1)
    if (typeof last === 'number') this.#readUpTo[name] = last
    if (name === KNOWN) return updates
    const isNew = keys.map((key) => !this.#own.includes(key))
    this.#own.push(...keys.filter((_key, i) => isNew[i]))
    return updates.filter((_update, i) => isNew[i])
  }

  async #add(known: IDBObjectStore, update: Uint8Array): Promise<void> {
    await done(known.add(update))
    this.#knownCount++
    if (this.#knownCount > MERGE_PAST_UPDATES) await this.#merge(known)
  }

  async #merge(known: IDBObjectStore): Promise<void> {
    const updates: Uint8Array[] = await done(known.getAll())
    await done(known.clear())
    const key = await done(known.add(mergeUpdates(updates)))
    this.#knownCount = 1
    if (typeof key === 'number') this.#readUpTo[KNOWN] = key
  }

  /** Runs `work` in a transaction of its own, after the previous operations. */
  #run<Result>(
    work: (known: IDBObjectStore, unsaved: IDBObjectStore) => Promise<Result>,
  ): Promise<Result> {
    const result = this.#last.then(async () => {
      const database = await this.#database
      const transaction = database.transaction([KNOWN, UNSAVED], 'readwrite')
      const committed = ended(transaction)
      const value = await work(transaction.objectStore(KNOWN), transaction.objectStore(UNSAVED))
      await committed
      return value
    })
    this.#last = result.catch(() => undefined)
    return result
  }
}

/** @param onCreated receives the secret of one that was not there */
function openBoard(
  name: string,
  indexedDB: IDBFactory,
  onCreated?: (secret: Uint8Array) => void,
): Promise<IDBDatabase> {
  return openDatabase(indexedDB, name, VERSION, (database) => {
    database.createObjectStore(KNOWN, { autoIncrement: true })
    const secret = newSecret()
    database.createObjectStore(UNSAVED, { autoIncrement: true }).put(secret, SECRET_KEY)
    onCreated?.(secret)
  })
}

async function readSecret(unsaved: IDBObjectStore): Promise<Uint8Array> {
  const kept: Uint8Array | undefined = await done(unsaved.get(SECRET_KEY))
  if (kept) return kept
  const secret = newSecret()
  await done(unsaved.put(secret, SECRET_KEY))
  return secret
}

/** How many unsaved edits are stored for a user, by the ids of the boards that have any. */
export async function countUnsaved(
  namePrefix: string,
  indexedDB: IDBFactory,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const { name } of await indexedDB.databases()) {
    if (!name?.startsWith(namePrefix) || name.endsWith(FILES)) continue
    const database = await openBoard(name, indexedDB)
    const unsaved = database.transaction(UNSAVED).objectStore(UNSAVED)
    const count = await done(unsaved.count(IDBKeyRange.lowerBound(SECRET_KEY, true)))
    database.close()
    if (count > 0) counts.set(name.slice(namePrefix.length), count)
  }
  return counts
}

/** Whether the database of this name has what the server sent of a board. */
export async function isBoardKept(name: string, indexedDB: IDBFactory): Promise<boolean> {
  const databases = await indexedDB.databases()
  if (!databases.some((database) => database.name === name)) return false
  const database = await openBoard(name, indexedDB)
  const count = await done(database.transaction(KNOWN).objectStore(KNOWN).count())
  database.close()
  return count > 0
}

/** Deletes everything that is stored for a user. */
export async function forgetBoards(namePrefix: string, indexedDB: IDBFactory): Promise<void> {
  for (const { name } of await indexedDB.databases()) {
    if (name?.startsWith(namePrefix)) await done(indexedDB.deleteDatabase(name))
  }
}
