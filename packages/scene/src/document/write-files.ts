import type * as Y from 'yjs'
import { isSame, readId } from '../elements/values.ts'
import { sceneRoots } from './roots.ts'
import { readBackground, readFile, type SceneFile } from './scene-file.ts'

/** Names files that elements refer to, by Excalidraw's file ids, in one transaction. What is not valid is left out. */
export function writeFiles(
  doc: Y.Doc,
  files: Iterable<readonly [id: string, file: SceneFile]>,
  { origin }: { origin?: unknown } = {},
): void {
  const { files: held } = sceneRoots(doc)
  doc.transact(() => {
    for (const [id, file] of files) {
      const valid = readId(id) !== undefined && readFile(file)
      if (valid && !isSame(valid, readFile(held.get(id)))) held.set(id, valid)
    }
  }, origin)
}

/** Chooses the colour behind everything. */
export function writeBackground(
  doc: Y.Doc,
  background: string,
  { origin }: { origin?: unknown } = {},
): void {
  const { meta } = sceneRoots(doc)
  const valid = readBackground(background)
  if (valid === undefined || valid === meta.get('background')) return
  doc.transact(() => meta.set('background', valid), origin)
}
