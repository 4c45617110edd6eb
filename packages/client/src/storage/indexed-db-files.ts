import type { FileStore } from './file-store.ts'
import { done, ended, openDatabase } from './requests.ts'

/** How the name of this database ends, where those of boards have their id. */
export const FILES = 'files'

const VERSION = 1
const WAITING = 'waiting'
const SEEN = 'seen'
/** When each of {@link SEEN} was last used: a store of its own, so that no bytes are read or written for it. */
const USES = 'uses'

/** What a user's files that were seen may take, and how many there may be: the longest unused go first. */
const MAX_SEEN_BYTES = 256 * 1024 * 1024
const MAX_SEEN_FILES = 1_000

interface Use {
  bytes: number
  /** Milliseconds since 1970. */
  usedAt: number
}

interface Stores {
  waiting: IDBObjectStore
  seen: IDBObjectStore
  uses: IDBObjectStore
}

/** The files of a user in the browser's IndexedDB, those of all boards in one database, which bounds them together. */
export class FileDatabase {
  readonly #indexedDB: IDBFactory
  readonly #name: string
  readonly #maxSeenBytes: number
  #database: Promise<IDBDatabase> | undefined

  /** @param namePrefix identifies the user */
  constructor(namePrefix: string, indexedDB: IDBFactory, maxSeenBytes = MAX_SEEN_BYTES) {
    this.#name = `${namePrefix}${FILES}`
    this.#indexedDB = indexedDB
    this.#maxSeenBytes = maxSeenBytes
  }

  /** Those of a board. */
  of(boardId: string): FileStore {
    const keyOf = (digest: string) => [boardId, digest]
    // Arrays sort after strings.
    const all = () => IDBKeyRange.bound([boardId], [boardId, []])
    return {
      waiting: () =>
        this.#run(async ({ waiting }) => {
          const [keys, files] = await Promise.all([
            done(waiting.getAllKeys(all())),
            done<Blob[]>(waiting.getAll(all())),
          ])
          return new Map(files.map((file, i) => [(keys[i] as [string, string])[1], file]))
        }),
      keepWaiting: (digest, file) =>
        this.#run(async ({ waiting }) => void (await done(waiting.put(file, keyOf(digest))))),
      dropWaiting: (digest) => this.#run(({ waiting }) => done(waiting.delete(keyOf(digest)))),
      markUploaded: (digest) =>
        this.#run(async (stores) => {
          const file: Blob | undefined = await done(stores.waiting.get(keyOf(digest)))
          // Another tab may have uploaded it.
          if (!file) return
          await done(stores.waiting.delete(keyOf(digest)))
          await this.#keepSeen(stores, keyOf(digest), file)
        }),
      read: (digest) =>
        this.#run(async ({ waiting, seen, uses }) => {
          const file: Blob | undefined = await done(seen.get(keyOf(digest)))
          if (!file) return done<Blob | undefined>(waiting.get(keyOf(digest)))
          await done(uses.put(useOf(file), keyOf(digest)))
          return file
        }),
      keepSeen: (digest, file) =>
        this.#run((stores) => this.#keepSeen(stores, keyOf(digest), file)),
      forget: () =>
        this.#run(async ({ waiting, seen, uses }) => {
          for (const store of [waiting, seen, uses]) await done(store.delete(all()))
        }),
    }
  }

  /** How many files wait for their upload, by the ids of the boards that have any. */
  countWaiting(): Promise<Map<string, number>> {
    return this.#run(async ({ waiting }) => {
      const counts = new Map<string, number>()
      for (const key of await done(waiting.getAllKeys())) {
        const [boardId] = key as [string, string]
        counts.set(boardId, (counts.get(boardId) ?? 0) + 1)
      }
      return counts
    })
  }

  async close(): Promise<void> {
    const database = await this.#database?.catch(() => undefined)
    database?.close()
  }

  async #keepSeen({ seen, uses }: Stores, key: IDBValidKey, file: Blob): Promise<void> {
    if (file.size > this.#maxSeenBytes) return
    await done(seen.put(file, key))
    await done(uses.put(useOf(file), key))
    const [keys, used] = await Promise.all([done(uses.getAllKeys()), done<Use[]>(uses.getAll())])
    let bytes = used.reduce((sum, use) => sum + use.bytes, 0)
    let files = used.length
    const oldest = used.map((use, i) => ({ ...use, i })).sort((a, b) => a.usedAt - b.usedAt)
    for (const { bytes: freed, i } of oldest) {
      if (bytes <= this.#maxSeenBytes && files <= MAX_SEEN_FILES) break
      bytes -= freed
      files--
      for (const store of [seen, uses]) await done(store.delete(keys[i] as IDBValidKey))
    }
  }

  /** Runs `work` in a transaction of its own. */
  async #run<Result>(work: (stores: Stores) => Promise<Result>): Promise<Result> {
    this.#database ??= openDatabase(this.#indexedDB, this.#name, VERSION, (created) => {
      for (const name of [WAITING, SEEN, USES]) created.createObjectStore(name)
    })
    const database = await this.#database
    const transaction = database.transaction([WAITING, SEEN, USES], 'readwrite')
    const committed = ended(transaction)
    const value = await work({
      waiting: transaction.objectStore(WAITING),
      seen: transaction.objectStore(SEEN),
      uses: transaction.objectStore(USES),
    })
    await committed
    return value
  }
}

function useOf({ size }: Blob): Use {
  return { bytes: size, usedAt: Date.now() }
}
