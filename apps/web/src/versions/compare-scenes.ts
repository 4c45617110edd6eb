import type { SceneElement } from '@mindfuse/scene'

/** What became of elements from one scene to another, by their ids. */
export interface SceneDifference {
  added: ReadonlySet<string>
  changed: ReadonlySet<string>
  removed: ReadonlySet<string>
}

/** What readers work out, or other elements say: `boundElements` changes with an arrow that is bound to an element. */
const DERIVED = new Set(['boundElements', 'updated', 'version', 'versionNonce'])

/** What is other in the later of two scenes. */
export function compareScenes(
  before: readonly SceneElement[],
  after: readonly SceneElement[],
): SceneDifference {
  const earlier = new Map(before.map((element) => [element.id, contentOf(element)]))
  const [added, changed] = [new Set<string>(), new Set<string>()]
  for (const element of after) {
    const content = earlier.get(element.id)
    if (content === undefined) added.add(element.id)
    else if (content !== contentOf(element)) changed.add(element.id)
    earlier.delete(element.id)
  }
  return { added, changed, removed: new Set(earlier.keys()) }
}

function contentOf(element: SceneElement): string {
  const entries = Object.entries(element).filter(([name]) => !DERIVED.has(name))
  return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}
