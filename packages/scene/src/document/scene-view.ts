import type * as Y from 'yjs'
import type { BoundElement, SceneElement } from '../elements/element.ts'
import { compareOrder } from '../elements/order.ts'
import { isSame } from '../elements/values.ts'
import { MAX_ELEMENTS } from '../limits.ts'
import { touchedInScene } from './changed-in-scene.ts'
import { fileOfShape, idsOfShape } from './old-shapes.ts'
import { readElement } from './read-element.ts'
import { boundTo, References } from './references.ts'
import { SCENE_SCHEMA, type SceneRoots, sceneRoots } from './roots.ts'
import { readBackground, readFile, type SceneFile } from './scene-file.ts'

/** What became of a scene in one transaction. */
export interface SceneChange {
  /** Elements that are new or other than before. */
  readonly changed: ReadonlySet<string>
  /** Elements that are gone, or not to be shown any more. */
  readonly removed: ReadonlySet<string>
  /** Files that are new, other, or gone. */
  readonly files: ReadonlySet<string>
  /** Whether the background is another. */
  readonly background: boolean
  /** Its `origin` and `local` say whose change it is. */
  readonly transaction: Y.Transaction
}

/**
 * The scene of a document that changes: reads again only what a transaction touched, and what shows otherwise
 * because of it. Elements that did not change stay the same objects.
 *
 * @example
 * ```ts
 * const view = new SceneView(doc)
 * view.observe(({ changed, removed }) => show([...changed].map((id) => view.get(id)), removed))
 * show(view.elements)
 * view.close()
 * ```
 */
export class SceneView {
  readonly #doc: Y.Doc
  readonly #roots: SceneRoots
  readonly #listeners = new Set<(change: SceneChange) => void>()
  /** As they are stored, each by itself. */
  readonly #stored = new Map<string, SceneElement>()
  /** As they are shown, beside the others. */
  readonly #shown = new Map<string, SceneElement>()
  readonly #references = new References()
  /** The text that a container shows, by the container's id. */
  readonly #labels = new Map<string, string>()
  /** Of pictures on boards from before Excalidraw, which the document does not name. */
  readonly #filesOfShapes = new Map<string, SceneFile>()
  #order: string[] | undefined
  #elements: readonly SceneElement[] | undefined

  constructor(doc: Y.Doc) {
    this.#doc = doc
    this.#roots = sceneRoots(doc)
    const ofShapes = [...this.#roots.shapes.keys()].flatMap(idsOfShape)
    this.#update(new Set([...this.#roots.elements.keys(), ...ofShapes]))
    doc.on('afterTransaction', this.#onTransaction)
  }

  /** All elements that can be shown, the lowest first. */
  get elements(): readonly SceneElement[] {
    this.#order ??= [...this.#stored.values()]
      .sort(compareOrder)
      .slice(0, MAX_ELEMENTS)
      .map(({ id }) => id)
    this.#elements ??= this.#order.flatMap((id) => this.#shown.get(id) ?? [])
    return this.#elements
  }

  /** An element that can be shown. */
  get(id: string): SceneElement | undefined {
    return this.#shown.get(id)
  }

  /** Ids of elements that are broken, or of a type that is not known. They stay in the document. */
  get skipped(): string[] {
    return [...this.#roots.elements.keys()].filter((id) => !this.#stored.has(id))
  }

  /** A file that elements refer to by `fileId`. */
  file(id: string): SceneFile | undefined {
    return readFile(this.#roots.files.get(id)) ?? this.#filesOfShapes.get(id)
  }

  /** The files that elements may refer to, by id. */
  get files(): ReadonlyMap<string, SceneFile> {
    const files = new Map<string, SceneFile>()
    for (const id of [...this.#filesOfShapes.keys(), ...this.#roots.files.keys()]) {
      const file = this.file(id)
      if (file) files.set(id, file)
    }
    return files
  }

  /** The colour behind everything; undefined where none was chosen. */
  get background(): string | undefined {
    return readBackground(this.#roots.meta.get('background'))
  }

  /** The version of the schema that the document has: one above {@link SCENE_SCHEMA} may hold what is not shown. */
  get schema(): number {
    const schema = this.#roots.meta.get('schema')
    return typeof schema === 'number' ? schema : SCENE_SCHEMA
  }

  /** Calls back after each transaction that changed the scene. @returns what ends that */
  observe(listener: (change: SceneChange) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Stops following the document. */
  close(): void {
    this.#listeners.clear()
    this.#doc.off('afterTransaction', this.#onTransaction)
  }

  readonly #onTransaction = (transaction: Y.Transaction): void => {
    const touched = touchedInScene(transaction)
    const { changed, removed } = this.#update(touched.elements)
    const { files, meta: background } = touched
    if (changed.size + removed.size + files.size === 0 && !background) return
    const change = { changed, removed, files, background, transaction }
    for (const listener of this.#listeners) listener(change)
  }

  #update(touched: Iterable<string>): { changed: Set<string>; removed: Set<string> } {
    const affected = new Set<string>()
    const containers = new Set<string>()
    for (const id of touched) {
      const before = this.#stored.get(id)
      const now = readElement(this.#roots, id)
      this.#store(id, before, now)
      affected.add(id)
      if (!before !== !now) for (const other of this.#references.to(id)) affected.add(other)
      for (const element of [before, now]) {
        if (!element) continue
        for (const target of boundTo(element)) affected.add(target)
        if (element.type === 'text' && element.containerId) containers.add(element.containerId)
      }
    }
    for (const id of containers) {
      affected.add(id)
      for (const text of this.#labelAnew(id)) affected.add(text)
    }
    return this.#show(affected)
  }

  #store(id: string, before: SceneElement | undefined, now: SceneElement | undefined): void {
    if (before?.index !== now?.index || !before !== !now) this.#order = undefined
    if (before) this.#references.remove(before)
    if (now) {
      this.#references.add(now)
      this.#stored.set(id, now)
      this.#nameFileOfShape(now)
    } else this.#stored.delete(id)
  }

  #nameFileOfShape(element: SceneElement): void {
    if (element.type !== 'image' || this.#roots.elements.has(element.id)) return
    const file = fileOfShape(element.fileId)
    if (file) this.#filesOfShapes.set(file.digest, file)
  }

  /**
   * Finds the text of a container: the lowest, where two people wrote one at a time. The others stand by themselves.
   * @returns those that may show otherwise now
   */
  #labelAnew(containerId: string): string[] {
    let label: SceneElement | undefined
    for (const id of this.#references.textsIn(containerId)) {
      const text = this.#stored.get(id)
      if (text && (!label || compareOrder(text, label) < 0)) label = text
    }
    const before = this.#labels.get(containerId)
    if (label) this.#labels.set(containerId, label.id)
    else this.#labels.delete(containerId)
    return [before, label?.id].filter((id) => id !== undefined)
  }

  #show(ids: ReadonlySet<string>): { changed: Set<string>; removed: Set<string> } {
    const changed = new Set<string>()
    const removed = new Set<string>()
    for (const id of ids) {
      const before = this.#shown.get(id)
      const stored = this.#stored.get(id)
      const now = stored && this.#besideOthers(stored)
      if (!now) {
        if (this.#shown.delete(id)) removed.add(id)
      } else if (!isSame(before, now)) {
        this.#shown.set(id, now)
        changed.add(id)
      }
    }
    if (changed.size + removed.size > 0) this.#elements = undefined
    return { changed, removed }
  }

  /** An element with what is bound to it, and without references to what is not there. */
  #besideOthers(stored: SceneElement): SceneElement {
    const { id, frameId } = stored
    const element = {
      ...stored,
      boundElements: this.#boundTo(id),
      frameId: frameId !== null && this.#stored.has(frameId) ? frameId : null,
    }
    if (element.type === 'text') {
      const { containerId } = element
      const isIn =
        containerId !== null &&
        this.#stored.has(containerId) &&
        this.#labels.get(containerId) === id
      return { ...element, containerId: isIn ? containerId : null }
    }
    if (element.type === 'arrow' || element.type === 'line') {
      const { startBinding, endBinding } = element
      const isThere = (binding: typeof startBinding) =>
        binding !== null && this.#stored.has(binding.elementId)
      return {
        ...element,
        startBinding: isThere(startBinding) ? startBinding : null,
        endBinding: isThere(endBinding) ? endBinding : null,
      }
    }
    return element
  }

  /** As arrows and texts say it themselves: of a list, one of two people's additions would be lost. */
  #boundTo(id: string): readonly BoundElement[] | null {
    const label = this.#labels.get(id)
    const arrows = [...this.#references.arrowsTo(id)]
      .flatMap((arrow) => this.#stored.get(arrow) ?? [])
      .sort(compareOrder)
    const bound: BoundElement[] = arrows.map((arrow) => ({ id: arrow.id, type: 'arrow' }))
    if (label !== undefined) bound.unshift({ id: label, type: 'text' })
    return bound.length > 0 ? bound : null
  }
}
