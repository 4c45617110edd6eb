import { compareOrder } from '@mindfuse/scene'
import type { EditorElement } from './scene-sync.ts'

/**
 * The elements of an editor: which of them changed, and where each is. Excalidraw has no event for one element, and
 * changes it in place. Of those that are the same object as before only the version is read, so that a change costs
 * as much on a large board as on a small one.
 */
export class ElementIndex {
  readonly #elements: EditorElement[] = []
  readonly #versions: number[] = []
  /** Where an element is, or was: see {@link #placeOf}. */
  readonly #places = new Map<string, number>()

  get size(): number {
    return this.#elements.length
  }

  get(id: string): EditorElement | undefined {
    const place = this.#placeOf(id)
    return place === undefined ? undefined : this.#elements[place]
  }

  /** Those of these ids that are there, the lowest first. */
  select(ids: Iterable<string>): EditorElement[] {
    const places = Array.from(ids, (id) => this.#placeOf(id)).filter((place) => place !== undefined)
    return places.sort((a, b) => a - b).flatMap((place) => this.#elements[place] ?? [])
  }

  /**
   * Takes the elements as they are now.
   *
   * @returns those that are new, other, or in another place than before
   */
  update(elements: readonly EditorElement[]): EditorElement[] {
    const changed: EditorElement[] = []
    elements.forEach((element, place) => {
      const { version } = element
      if (element === this.#elements[place] && version === this.#versions[place]) return
      this.#elements[place] = element
      this.#versions[place] = version
      this.#places.set(element.id, place)
      changed.push(element)
    })
    this.#elements.length = elements.length
    this.#versions.length = elements.length
    return changed
  }

  /** All elements, with these added, or in place of those with the same ids. The lowest first. */
  with(shown: Iterable<EditorElement>): EditorElement[] {
    const elements = [...this.#elements]
    let isOrdered = true
    for (const element of shown) {
      const place = this.#placeOf(element.id) ?? elements.length
      isOrdered &&= elements[place]?.index === element.index
      elements[place] = element
    }
    return isOrdered ? elements : elements.sort(compareOrder)
  }

  #placeOf(id: string): number | undefined {
    const place = this.#places.get(id)
    if (place === undefined || this.#elements[place]?.id === id) return place
    this.#places.delete(id)
    return undefined
  }
}
