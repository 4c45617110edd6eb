import type { Scene } from '../document/read-scene.ts'
import { readBackground } from '../document/scene-file.ts'
import type { SceneElement } from '../elements/element.ts'
import { isObject, readId } from '../elements/values.ts'
import { type ImportedFile, type ImportedScene, SceneFormatError } from '../imported-scene.ts'
import { parseDataUrl, toDataUrl } from './data-url.ts'
import { restoreElements } from './restore.ts'

/** The media type of a scene as a file. */
export const EXCALIDRAW_TYPE = 'application/vnd.excalidraw+json'

/** A file of Excalidraw, of the version that it writes now. */
export interface ExcalidrawFile {
  readonly type: 'excalidraw'
  readonly version: 2
  readonly source: string
  readonly elements: readonly SceneElement[]
  readonly appState: { readonly viewBackgroundColor?: string }
  readonly files: Readonly<Record<string, ExcalidrawBinaryFile>>
}

/** A picture within a file of Excalidraw. */
export interface ExcalidrawBinaryFile {
  readonly id: string
  readonly mimeType: string
  readonly dataURL: string
  /** Milliseconds since 1970. */
  readonly created: number
}

/**
 * Reads the content of a `.excalidraw` file of any version, parsed as JSON. Also what Excalidraw puts on the
 * clipboard.
 *
 * @throws SceneFormatError where it is something else
 *
 * @example
 * ```ts
 * const imported = readExcalidraw(JSON.parse('{"type":"excalidraw","version":2,"elements":[]}'))
 * show(imported.elements.length, imported.files.size)
 * ```
 */
export function readExcalidraw(value: unknown): ImportedScene {
  const isFile = isObject(value) && String(value.type).startsWith('excalidraw')
  if (!isFile || value.type === 'excalidrawlib' || !Array.isArray(value.elements ?? [])) {
    throw new SceneFormatError('This is not a scene of Excalidraw')
  }
  const { elements, skipped } = restoreElements((value.elements ?? []) as unknown[])
  const appState = isObject(value.appState) ? value.appState : {}
  const named = new Set(elements.map(({ fileId }) => fileId))
  return {
    elements,
    skipped,
    files: readFiles(value.files, named),
    background: readBackground(appState.viewBackgroundColor),
  }
}

/** Those that elements show: a file keeps others that were once pasted. */
function readFiles(value: unknown, named: ReadonlySet<unknown>): Map<string, ImportedFile> {
  const files = new Map<string, ImportedFile>()
  for (const [id, file] of Object.entries(isObject(value) ? value : {})) {
    const parsed = isObject(file) && named.has(id) ? parseDataUrl(file.dataURL) : undefined
    if (readId(id) !== undefined && parsed) files.set(id, parsed)
  }
  return files
}

/**
 * A scene as a `.excalidraw` file, to be written as JSON.
 *
 * @param files the bytes of pictures by their file ids; those without are left out
 */
export function toExcalidraw(
  { elements, background }: Pick<Scene, 'elements' | 'background'>,
  files: ReadonlyMap<string, { readonly mimeType: string; readonly bytes: Uint8Array }> = new Map(),
  { source = 'https://excalidraw.com' } = {},
): ExcalidrawFile {
  const entries = [...files].map(([id, { mimeType, bytes }]) => {
    const file = { id, mimeType, dataURL: toDataUrl(mimeType, bytes), created: 1 }
    return [id, file] as const
  })
  return {
    type: 'excalidraw',
    version: 2,
    source,
    elements,
    appState: { ...(background !== undefined && { viewBackgroundColor: background }) },
    files: Object.fromEntries(entries),
  }
}
