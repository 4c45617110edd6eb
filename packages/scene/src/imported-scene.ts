import type * as Y from 'yjs'
import { readFile } from './document/scene-file.ts'
import { writeElements } from './document/write-elements.ts'
import { writeBackground, writeFiles } from './document/write-files.ts'
import type { ElementInput } from './elements/element.ts'

/** A scene out of a file, or of a document of another kind. */
export interface ImportedScene {
  /** The lowest first, each with an `index`. */
  readonly elements: readonly ElementInput[]
  /** The files that elements refer to, by their `fileId`. */
  readonly files: ReadonlyMap<string, ImportedFile>
  /** The colour behind everything; undefined where none was chosen. */
  readonly background?: string | undefined
  /** How many elements could not be taken over. */
  readonly skipped: number
}

/** A file that came with a scene, or is known by its digest already. */
export type ImportedFile =
  | { readonly mimeType: string; readonly bytes: Uint8Array }
  | { readonly mimeType: string; readonly digest: string }

/** That something is not of the format that it was read as. */
export class SceneFormatError extends Error {
  override readonly name = 'SceneFormatError'
  readonly code = 'malformed_scene'
}

/**
 * Writes an imported scene into a document, in one transaction. Elements of ids that are there become what is
 * imported; others stay as they are.
 *
 * @param digestOf the SHA-256 of a file's bytes, in hex; the caller keeps the bytes under it
 * @returns how many elements were written
 *
 * @example
 * ```ts
 * const { elements, files } = readExcalidraw({ type: 'excalidraw', elements: [] })
 * show(writeScene(doc, { elements, files, skipped: 0 }, () => undefined))
 * ```
 */
export function writeScene(
  doc: Y.Doc,
  { elements, files, background }: ImportedScene,
  digestOf: (id: string, bytes: Uint8Array) => string | undefined,
  { origin }: { origin?: unknown } = {},
): number {
  let written = 0
  doc.transact(() => {
    written = elements.length - writeElements(doc, elements, { origin }).length
    for (const [id, file] of files) {
      const digest = 'digest' in file ? file.digest : digestOf(id, file.bytes)
      const named = readFile({ digest, mimeType: file.mimeType })
      if (named) writeFiles(doc, [[id, named]], { origin })
    }
    if (background !== undefined) writeBackground(doc, background, { origin })
  }, origin)
  return written
}
