import type * as Y from 'yjs'
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
    const of = (root: Y.Map<unknown>) => idsOf(root, type, keys)
    for (const id of [...of(roots.elements), ...of(roots.texts)]) elements.add(id)
    for (const id of of(roots.files)) files.add(id)
    meta ||= (type as unknown) === roots.meta
  }
  return { elements, files, meta }
}

/** The keys of a map of which the value is another, or changed within. */
function idsOf(
  root: Y.Map<unknown>,
  type: Pick<Y.AbstractType<unknown>, '_item'>,
  keys: ReadonlySet<string | null>,
): string[] {
  if ((type as unknown) === root) return [...keys].filter((key) => key !== null)
  const id = type._item?.parent === root ? type._item.parentSub : null
  return id === null ? [] : [id]
}
