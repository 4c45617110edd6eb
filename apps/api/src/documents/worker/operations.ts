import * as Y from 'yjs'
import { type BadUpdate, DocumentBuilder, whyUnreadable } from './document-builder.ts'
import { forwardUpdate } from './forward-update.ts'
import { checkImport, type ImportVerdict } from './import-update.ts'
import { jsonChunks } from './json-writer.ts'
import { namedDigests } from './named-digests.ts'
import { type PackedUpdates, unpackUpdates } from './packed-updates.ts'
import {
  importScene,
  type NamedFile,
  type SceneFileBytes,
  type SceneVerdict,
  sceneFile,
} from './scene.ts'
import { type SnapshotStats, verifySnapshot } from './verify-snapshot.ts'

/** The documents that operations work on, by name. */
export type Slot = 'present' | 'version'

/** Most bytes of a result that one `read` returns, so that a large one passes in pieces. */
const RESULT_CHUNK_BYTES = 256 * 1024

/** A document as one update, checked to hold all that went into it. */
export interface EncodedStats extends SnapshotStats {
  /** How many updates are in it; the snapshot before it counts as one. */
  applied: number
  /** The numbers of those that it is left without because they build on what is not there, oldest first. */
  waiting: readonly number[]
}

/**
 * What is done to documents in a process of their own, where it delays no request and ends no other.
 * Large input is staged in pieces before the operation that takes it, and large results are read in
 * pieces after the operation that made them.
 */
export interface DocumentOperations {
  /** Adds bytes to the staged ones. */
  stage(bytes: Uint8Array): void
  /** The next piece of the last result; null after the last. */
  read(): Uint8Array | null
  /** Which of these updates cannot be read, whatever document they are for. */
  inspect(updates: PackedUpdates): BadUpdate[]
  /** Why the staged update cannot be read; null where it can. */
  inspectStaged(): string | null
  /** Adds updates to a document, oldest first. @returns those it is left without */
  add(slot: Slot, updates: PackedUpdates): BadUpdate[]
  /** Adds the staged update to a document. @returns those it is left without */
  addStaged(slot: Slot, seq: number): BadUpdate[]
  /**
   * Makes one update of a document the result. Pending updates are not in it.
   * @throws Error where the encoding does not hold all the rest
   */
  encode(slot: Slot): EncodedStats
  /** Makes the shared types by name, as UTF-8 JSON, the result. */
  json(slot: Slot): void
  /**
   * The digests of assets that a document names; null where it may name any: where updates are pending, which
   * may hold more, and where there are too many.
   */
  digests(slot: Slot): string[] | null
  /**
   * Makes the update that turns the present document's content into the version's the result.
   * @returns whether there is anything to change
   */
  forward(): boolean
  /** Checks the staged update against the present document; what that lacks of it is the result. */
  import(): ImportVerdict
  /** Writes the staged `.excalidraw` file into the present document; the update that it makes is the result. */
  importScene(): SceneVerdict
  /** Makes a file that the imported scene came with the result. */
  sceneFile(digest: string): void
  /**
   * Makes the scene, as the beginning of a `.excalidraw` file that its files end, the result.
   * @returns the files that it shows
   */
  scene(slot: Slot): NamedFile[]
}

/** Operations on documents that are empty at first. */
export function createDocumentOperations(): DocumentOperations {
  const slots = new Map<Slot, DocumentBuilder>()
  let staged: Uint8Array[] = []
  let result: Iterator<Uint8Array> = [].values()
  let sceneFiles: readonly SceneFileBytes[] = []
  const at = (slot: Slot): DocumentBuilder => {
    const known = slots.get(slot) ?? new DocumentBuilder()
    slots.set(slot, known)
    return known
  }
  const takeStaged = (): Uint8Array => {
    const bytes = Buffer.concat(staged)
    staged = []
    return bytes
  }
  return {
    stage: (bytes) => void staged.push(bytes),
    read() {
      const { done, value } = result.next()
      return done ? null : value
    },
    inspect: (updates) =>
      unpackUpdates(updates).flatMap(({ seq, update }) => {
        const reason = whyUnreadable(update)
        return reason === undefined ? [] : [{ seq, reason }]
      }),
    inspectStaged: () => whyUnreadable(takeStaged()) ?? null,
    add: (slot, updates) => at(slot).add(unpackUpdates(updates)),
    addStaged: (slot, seq) => at(slot).add([{ seq, update: takeStaged() }]),
    encode(slot) {
      const builder = at(slot)
      const state = Y.encodeStateAsUpdate(builder.doc)
      result = chunksOf(state)
      const { updates, waiting } = builder
      return { applied: updates.length, waiting, ...verifySnapshot(state, builder) }
    },
    json(slot) {
      result = jsonChunks(at(slot).doc)
    },
    digests(slot) {
      const { doc, waiting } = at(slot)
      return waiting.length > 0 ? null : namedDigests(doc)
    },
    forward() {
      const update = forwardUpdate({ present: at('present').doc, version: at('version').doc })
      if (update) result = chunksOf(update)
      return update !== null
    },
    import() {
      const { lacking, ...verdict } = checkImport(takeStaged(), at('present').doc)
      if (lacking) result = chunksOf(lacking)
      return verdict
    },
    importScene() {
      const { verdict, update, files } = importScene(takeStaged(), at('present').doc)
      if (update) result = chunksOf(update)
      sceneFiles = files
      return verdict
    },
    sceneFile(digest) {
      const file = sceneFiles.find((one) => one.digest === digest)
      result = chunksOf(file?.bytes ?? new Uint8Array())
    },
    scene(slot) {
      const { files, chunks } = sceneFile(at(slot).doc)
      result = chunks[Symbol.iterator]()
      return files
    },
  }
}

function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += RESULT_CHUNK_BYTES) {
    yield bytes.subarray(from, from + RESULT_CHUNK_BYTES)
  }
}
