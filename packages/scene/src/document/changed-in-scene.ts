import type * as Y from 'yjs'
import { idsOfShape } from './old-shapes.ts'
import { sceneRoots } from './roots.ts'

/** What a transaction touched, by ids. What was touched may be gone. */
export interface TouchedInScene {
  readonly elements: ReadonlySet<string>
  readonly files: ReadonlySet<string>
  /** Whether the background, or the version of the schema, may be another. */
  readonly meta: boolean
}

/**
 * What a transaction touched, without looking at anything else. What others show because of that, such as
 * `boundElements`, a {@link SceneView} knows.
 */
export function touchedInScene(transaction: Y.Transaction): TouchedInScene {
  const roots = sceneRoots(transaction.doc)
  const elements = new Set<string>()
  const files = new Set<string>()
  let meta = false
  for (const [type, keys] of transaction.changed) {
    const { root, ids } = placeOf(type, keys)
    for (const id of ids) {
      if (root === roots.elements || root === roots.texts) elements.add(id)
      if (root === roots.shapes) for (const shown of idsOfShape(id)) elements.add(shown)
      if (root === roots.files) files.add(id)
    }
    meta ||= root === roots.meta
  }
  return { elements, files, meta }
}

/** The shared type of the document that holds a type, and the keys there of what changed. */
function placeOf(
  type: Y.Transaction['changed'] extends Map<infer Type, unknown> ? Type : never,
  keys: ReadonlySet<string | null>,
): { root: unknown; ids: string[] } {
  let root: Pick<Y.AbstractType<unknown>, '_item'> = type
  let ids = [...keys]
  for (let item = root._item; item; item = root._item) {
    root = item.parent as Y.AbstractType<unknown>
    ids = [item.parentSub]
  }
  return { root, ids: ids.filter((id) => id !== null) }
}
