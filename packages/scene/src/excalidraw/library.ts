import type { ElementInput } from '../elements/element.ts'
import { isObject, readId, readNumber, readString } from '../elements/values.ts'
import { SceneFormatError } from '../imported-scene.ts'
import { restoreElements } from './restore.ts'

/** Elements to put onto a board together. */
export interface LibraryItem {
  readonly id: string
  readonly status: 'published' | 'unpublished'
  readonly name?: string
  /** Milliseconds since 1970. */
  readonly created: number
  readonly elements: readonly ElementInput[]
}

/** A library of Excalidraw, of the version that it writes now. */
export interface ExcalidrawLibrary {
  readonly type: 'excalidrawlib'
  readonly version: 2
  readonly source: string
  readonly libraryItems: readonly LibraryItem[]
}

/**
 * Reads the content of a `.excalidrawlib` file of both versions, parsed as JSON.
 *
 * @throws SceneFormatError where it is something else
 */
export function readExcalidrawLibrary(value: unknown): LibraryItem[] {
  if (!isObject(value) || value.type !== 'excalidrawlib') {
    throw new SceneFormatError('This is not a library of Excalidraw')
  }
  const items: unknown = value.libraryItems ?? value.library
  return (Array.isArray(items) ? items : []).flatMap((item: unknown, place) => {
    // The first version had lists of elements alone.
    const details = isObject(item) ? item : { elements: item }
    if (!Array.isArray(details.elements)) return []
    const { elements } = restoreElements(details.elements)
    if (elements.length === 0) return []
    const name = readString(details.name)
    return {
      id: readId(details.id) ?? `item-${place}`,
      status: details.status === 'published' ? 'published' : 'unpublished',
      ...(name !== undefined && { name }),
      created: readNumber(details.created) ?? 1,
      elements,
    }
  })
}

/** Items as a `.excalidrawlib` file, to be written as JSON. */
export function toExcalidrawLibrary(
  libraryItems: readonly LibraryItem[],
  { source = 'https://excalidraw.com' } = {},
): ExcalidrawLibrary {
  return { type: 'excalidrawlib', version: 2, source, libraryItems }
}
