import { createHash } from 'node:crypto'
import {
  type ExcalidrawFile,
  readExcalidraw,
  readScene,
  SceneFormatError,
  toExcalidraw,
  writeScene,
} from '@mindfuse/scene'
import type * as Y from 'yjs'
import { checkMerged, type ImportVerdict } from './import-update.ts'

/** Elements that are written as text at a time: a stroke may be long. */
const ELEMENTS_AT_ONCE = 50

/** A file that a scene came with. */
export interface SceneFileBytes {
  digest: string
  bytes: Uint8Array
}

/** A file that a scene shows, by the id that its elements name. */
export interface NamedFile {
  id: string
  digest: string
}

/** What an imported scene comes to. */
export type SceneVerdict = ImportVerdict & {
  /** The digests of the files that came with it. */
  files: string[]
  /** How many elements could not be taken over. */
  skipped: number
}

/** Writes a `.excalidraw` file into the present document. */
export function importScene(
  file: Uint8Array,
  present: Y.Doc,
): { verdict: SceneVerdict; update?: Uint8Array; files: SceneFileBytes[] } {
  const files = new Map<string, SceneFileBytes>()
  const digestOf = (_id: string, bytes: Uint8Array) => {
    const digest = createHash('sha256').update(bytes).digest('hex')
    files.set(digest, { digest, bytes })
    return digest
  }
  const bad = (reason: string) => ({
    verdict: { kind: 'bad' as const, reason, files: [], skipped: 0 },
    files: [],
  })
  try {
    const imported = readExcalidraw(parseJson(file))
    let update: Uint8Array | undefined
    const keep = (written: Uint8Array) => {
      update = written
    }
    present.once('update', keep)
    writeScene(present, imported, digestOf)
    present.off('update', keep)
    const verdict = update
      ? checkMerged(update, present)
      : ({ kind: 'good', isNew: false } as const)
    const skipped = imported.skipped
    const all = [...files.values()]
    return {
      verdict: { ...verdict, files: all.map(({ digest }) => digest), skipped },
      files: all,
      ...(update && { update }),
    }
  } catch (error) {
    return bad((error as Error).message)
  }
}

/**
 * The scene of a document as a `.excalidraw` file in UTF-8, but for its end: its files, and what closes them. They
 * are not in the document.
 */
export function sceneFile(doc: Y.Doc): { files: NamedFile[]; chunks: Iterable<Uint8Array> } {
  const scene = readScene(doc)
  const shown = new Set(
    scene.elements.map((element) => (element.type === 'image' ? element.fileId : null)),
  )
  const named = [...scene.files].filter(([id]) => shown.has(id))
  return {
    files: named.map(([id, { digest }]) => ({ id, digest })),
    chunks: chunksOf(toExcalidraw(scene)),
  }
}

function* chunksOf({ elements, files: _, ...head }: ExcalidrawFile): Generator<Uint8Array> {
  const encoder = new TextEncoder()
  yield encoder.encode(`${JSON.stringify(head).slice(0, -1)},"elements":[`)
  for (let from = 0; from < elements.length; from += ELEMENTS_AT_ONCE) {
    const some = JSON.stringify(elements.slice(from, from + ELEMENTS_AT_ONCE)).slice(1, -1)
    yield encoder.encode(from === 0 ? some : `,${some}`)
  }
  yield encoder.encode('],"files":{')
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // What it says may repeat a part of the document.
    throw new SceneFormatError('this is not JSON')
  }
}
