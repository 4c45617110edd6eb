import * as Y from 'yjs'
import { isObject, readId } from './elements/values.ts'
import { parseDataUrl } from './excalidraw/data-url.ts'
import { restoreElements } from './excalidraw/restore.ts'
import type { ImportedFile, ImportedScene } from './imported-scene.ts'

/**
 * Reads what `y-excalidraw` keeps in a document: an array of maps of `pos` and `el`, whole elements of Excalidraw
 * 0.17, and a map of files with data URLs. Its array may have the name of our map, so it is read from a document of
 * its own.
 *
 * @example
 * ```ts
 * const other = new Y.Doc()
 * const imported = readYExcalidraw(other.getArray('elements'), other.getMap('assets'))
 * show(imported.elements.length)
 * ```
 */
export function readYExcalidraw(
  elements: Y.Array<unknown>,
  assets?: Y.Map<unknown> | undefined,
): ImportedScene {
  const rows = elements.toArray().flatMap((row) => (row instanceof Y.Map ? row : []))
  const placeOf = (row: Y.Map<unknown>) => String(row.get('pos') ?? '')
  const ordered = rows.toSorted((a, b) =>
    placeOf(a) < placeOf(b) ? -1 : placeOf(a) > placeOf(b) ? 1 : 0,
  )
  const restored = restoreElements(ordered.map((row) => row.get('el')))
  const files = new Map<string, ImportedFile>()
  for (const [id, asset] of assets ?? []) {
    const parsed = isObject(asset) ? parseDataUrl(asset.dataURL) : undefined
    if (readId(id) !== undefined && parsed) files.set(id, parsed)
  }
  return { ...restored, files }
}
