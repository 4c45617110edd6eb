import type { SceneElement } from '../elements/element.ts'

/** Ids by the id that they refer to, whether there is such an element or not. */
export class References {
  readonly #arrows = new Map<string, Set<string>>()
  readonly #texts = new Map<string, Set<string>>()
  readonly #members = new Map<string, Set<string>>()

  add(element: SceneElement): void {
    for (const [index, target] of this.#of(element)) {
      const referrers = index.get(target) ?? new Set()
      index.set(target, referrers.add(element.id))
    }
  }

  remove(element: SceneElement): void {
    for (const [index, target] of this.#of(element)) {
      const referrers = index.get(target)
      referrers?.delete(element.id)
      if (referrers?.size === 0) index.delete(target)
    }
  }

  /** The arrows that an element has at their ends. */
  arrowsTo(id: string): ReadonlySet<string> {
    return this.#arrows.get(id) ?? NONE
  }

  /** The texts that are in an element. */
  textsIn(id: string): ReadonlySet<string> {
    return this.#texts.get(id) ?? NONE
  }

  /** What refers to an element in whatever way. */
  *to(id: string): Generator<string> {
    for (const index of [this.#arrows, this.#texts, this.#members]) yield* index.get(id) ?? NONE
  }

  *#of(element: SceneElement): Generator<[index: Map<string, Set<string>>, target: string]> {
    if (element.frameId !== null) yield [this.#members, element.frameId]
    for (const id of boundTo(element)) yield [this.#arrows, id]
    if (element.type === 'text' && element.containerId !== null) {
      yield [this.#texts, element.containerId]
    }
  }
}

const NONE: ReadonlySet<string> = new Set()

/** The elements at the ends of an arrow. */
export function boundTo(element: SceneElement): string[] {
  if (element.type !== 'arrow') return []
  const { startBinding, endBinding } = element
  return [startBinding, endBinding].flatMap((binding) => binding?.elementId ?? [])
}
