import type * as Y from 'yjs'
import type { SceneElement } from '../elements/element.ts'
import type { SceneFile } from './scene-file.ts'
import { SceneView } from './scene-view.ts'

/** All that a board shows. */
export interface Scene {
  /** The lowest first. */
  readonly elements: readonly SceneElement[]
  /** By the id that elements refer to as `fileId`. */
  readonly files: ReadonlyMap<string, SceneFile>
  /** The colour behind everything; undefined where none was chosen. */
  readonly background: string | undefined
  /** Ids of elements that are broken, or of a type that is not known. They stay in the document. */
  readonly skipped: readonly string[]
}

/**
 * Reads the scene of a document once. A {@link SceneView} follows one that changes.
 *
 * @example
 * ```ts
 * const { elements, skipped } = readScene(doc)
 * show(elements.map(({ type, x, y }) => `${type} at ${x}, ${y}`), skipped.length)
 * ```
 */
export function readScene(doc: Y.Doc): Scene {
  const view = new SceneView(doc)
  const { elements, files, background, skipped } = view
  view.close()
  return { elements, files, background, skipped }
}
