import {
  type ElementInput,
  isStored,
  type SceneChange,
  type SceneElement,
  SceneView,
  writeElements,
} from '@mindfuse/scene'
import type { Doc } from 'yjs'
import { drawable } from './drawable.ts'
import { ElementIndex } from './element-index.ts'

/** As much of an element of Excalidraw as syncing takes. Excalidraw changes these objects in place. */
export interface EditorElement extends ElementInput {
  /** Another one after each change. */
  readonly version: number
  readonly versionNonce: number
  readonly index: string | null
  readonly isDeleted: boolean
}

/** As much of Excalidraw as syncing takes. */
export interface Editor {
  /** Those that were deleted too: an undo takes them back. */
  elements(): readonly EditorElement[]
  /** Replaces all elements, and leaves the user's undo history as it is. */
  show(elements: readonly EditorElement[]): void
}

/**
 * An element that is being drawn, moved or resized: what is other than in the document. Its type is a part of that only
 * where the document does not have it, so that nobody takes a part for the whole.
 */
export type DraftElement = Pick<ElementInput, 'id'> & Readonly<Record<string, unknown>>

/** What a {@link SceneSync} needs. */
export interface SceneSyncDeps {
  doc: Doc
  editor: Editor
  canEdit: () => boolean
}

/** What the user is busy with. */
export interface Busy {
  /** Whether a pointer is down, so that whatever it changes is not done. */
  readonly isPointerDown: boolean
  /** Elements that the editor holds on to, such as a text that is edited: they are not replaced. */
  readonly ids: ReadonlySet<string>
}

/** What follows from the points of an element that has some: a stroke changes by its new points alone. */
const SIZE: ReadonlySet<string> = new Set(['width', 'height'])

/** How much a line that is still drawn has grown, when it is written again: each time all of its points are stored. */
const WORTH_WRITING_FACTOR = 4

const IDLE: Busy = { isPointerDown: false, ids: new Set() }

/**
 * Keeps an editor and the scene of a document the same, from {@link begin} on. What the user changed is written when
 * they are done with it, and merged with what others changed since; what others change is shown unless the user is busy
 * with it. Elements that the scene does not know are left alone, on both sides.
 */
export class SceneSync {
  readonly #deps: SceneSyncDeps
  readonly #view: SceneView
  /** Elements as editor and document last agreed on them: copies. */
  readonly #known = new Map<string, EditorElement>()
  readonly #elements = new ElementIndex()
  /** What the editor has otherwise than {@link #known}, or more. */
  readonly #unwritten = new Set<string>()
  /** What others are drawing or moving now, over what the document has of it. */
  #drafts: ReadonlyMap<string, SceneElement> = new Map()
  /** What changed in the document and is not shown yet: the user is busy with it, or the editor loads. */
  readonly #deferred = new Set<string>()
  #busy = IDLE
  #hasBegun = false
  #hasGiven = false

  constructor(deps: SceneSyncDeps) {
    this.#deps = deps
    this.#view = new SceneView(deps.doc)
    this.#view.observe((change) => this.#received(change))
  }

  /** What an editor that is loading, and has no elements yet, is to begin with. */
  give(): EditorElement[] {
    this.#hasGiven = true
    const elements = this.#view.elements.flatMap(({ id }) => this.#toShow(id, undefined) ?? [])
    for (const element of elements) this.#agreeOn(element)
    this.#deferred.clear()
    return this.#elements.with(elements)
  }

  /** The editor is there. What it has of {@link give} as it was given is not shown again. */
  begin(): void {
    this.#hasBegun = true
    const elements = this.#deps.editor.elements()
    const isAsGiven =
      this.#hasGiven &&
      elements.length === this.#known.size &&
      !elements.some(this.#isChanged, this)
    if (!isAsGiven) this.showAll()
    else this.#showDeferred()
  }

  /** Whether the editor has loaded, so that it can be shown something. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** The scene as the document has it. */
  get view(): SceneView {
    return this.#view
  }

  /** Whether the user has changed what is not written yet. */
  get hasUnwritten(): boolean {
    return this.#changedElements().length > 0
  }

  /**
   * The editor's elements may have changed. What the user is busy with is written once they are done.
   *
   * @returns what is not written yet
   */
  changed(busy: Busy): DraftElement[] {
    this.#busy = busy
    const isBusyWith = ({ id }: EditorElement) => busy.isPointerDown || busy.ids.has(id)
    const changed = this.#changedElements().filter(({ id }) => !this.#isTheirs(id))
    this.#write(changed.filter((element) => !isBusyWith(element)))
    this.#showMissing()
    this.#showDeferred()
    const unwritten = changed.filter((element) => isBusyWith(element) && !element.isDeleted)
    return unwritten.map((element) => this.#whatIsNew(element))
  }

  /** Writes all that the user has changed. */
  commit(): void {
    this.#write(this.#changedElements())
  }

  /** Writes what the user is still changing, so that little of it can be lost. */
  commitUnfinished(): void {
    const elements = this.#changedElements()
    this.#write(elements.filter((element) => !isLittleMore(element, this.#known.get(element.id))))
  }

  /** Shows what others are drawing or moving, and the document again where they have ended. */
  showDrafts(drafts: ReadonlyMap<string, SceneElement>): void {
    const before = this.#drafts
    this.#drafts = drafts
    const ended = [...before.keys()].filter((id) => !drafts.has(id))
    const changed = [...drafts].filter(([id, draft]) => before.get(id) !== draft)
    this.#show([...ended, ...changed.map(([id]) => id)])
  }

  /** Shows what the document has, in place of all else. */
  showAll(): void {
    const { editor } = this.#deps
    this.#busy = IDLE
    this.#known.clear()
    for (const element of editor.elements()) this.#agreeOn(element)
    const inDocument = this.#view.elements.map(({ id }) => id)
    this.#show([...this.#known.keys(), ...inDocument, ...this.#drafts.keys()])
  }

  close(): void {
    this.#view.close()
  }

  #changedElements(): EditorElement[] {
    this.#readEditor()
    return this.#elements.select(this.#unwritten)
  }

  #readEditor(): void {
    for (const element of this.#elements.update(this.#deps.editor.elements())) {
      if (this.#isChanged(element)) this.#unwritten.add(element.id)
      else this.#unwritten.delete(element.id)
    }
  }

  #isChanged({ id, version, versionNonce, isDeleted }: EditorElement): boolean {
    const known = this.#known.get(id)
    // Drawn and given up at once.
    if (!known) return !isDeleted
    return known.version !== version || known.versionNonce !== versionNonce
  }

  #write(elements: readonly EditorElement[]): void {
    const { doc, canEdit } = this.#deps
    const own = elements.filter(({ id }) => !this.#isTheirs(id))
    if (own.length === 0 || !canEdit()) return
    const base = new Map(own.map(({ id }) => [id, this.#known.get(id)] as const))
    // Before others observe the edit: they may change the editor at once.
    for (const element of own) this.#agreeOn(element)
    writeElements(doc, own, { origin: this, base })
  }

  /** An element is the same in the editor and in the document, or its draft. */
  #agreeOn(element: EditorElement): void {
    this.#known.set(element.id, { ...element })
    this.#unwritten.delete(element.id)
  }

  /** Whether another person is drawing an element that is not written yet: it is theirs to share and to write. */
  #isTheirs(id: string): boolean {
    return this.#drafts.has(id) && this.#known.has(id) && !this.#view.get(id)
  }

  #whatIsNew(element: EditorElement): DraftElement {
    const { id } = element
    const known: ElementInput | undefined = this.#view.get(id) && this.#known.get(id)
    const isDerived = (name: string) => !isStored(name) || (element.points && SIZE.has(name))
    const isNew = ([name, value]: [string, unknown]) =>
      value !== known?.[name] && (name === 'originalText' || !isDerived(name))
    return { ...Object.fromEntries(Object.entries(element).filter(isNew)), id }
  }

  #received({ changed, removed, transaction }: SceneChange): void {
    if (transaction.origin !== this) this.#show([...changed, ...removed])
  }

  #showDeferred(): void {
    if (this.#deferred.size > 0 && !this.#busy.isPointerDown) this.#show([...this.#deferred])
  }

  /** A file that was opened takes the place of all elements: it is added to the board instead. */
  #showMissing(): void {
    if (this.#elements.size >= this.#known.size) return
    this.#show([...this.#known.keys()].filter((id) => !this.#elements.get(id)))
  }

  #isBusyWith(id: string): boolean {
    const { isPointerDown, ids } = this.#busy
    return ids.has(id) || (isPointerDown && this.#unwritten.has(id))
  }

  #show(ids: Iterable<string>): void {
    this.#readEditor()
    const shown = new Map<string, EditorElement>()
    for (const id of ids) {
      if (!this.#hasBegun || this.#isBusyWith(id)) {
        this.#deferred.add(id)
        continue
      }
      this.#deferred.delete(id)
      const before = this.#elements.get(id)
      const now = this.#toShow(id, before)
      if (now) shown.set(id, now)
      else if (!before) this.#known.delete(id)
    }
    if (shown.size === 0) return
    for (const element of shown.values()) this.#agreeOn(element)
    this.#deps.editor.show(this.#elements.with(shown.values()))
  }

  /** An element as others see it, as a later version of the editor's. */
  #toShow(id: string, before: EditorElement | undefined): EditorElement | undefined {
    const stored = this.#drafts.get(id) ?? this.#view.get(id)
    const version = {
      version: (before?.version ?? 0) + 1,
      versionNonce: (before?.versionNonce ?? 0) + 1,
    }
    if (stored) return { ...drawable(stored), ...version } as unknown as EditorElement
    // Kept as deleted, so that an undo finds it.
    return before && !before.isDeleted ? { ...before, isDeleted: true, ...version } : undefined
  }
}

/** Whether a line has other points than were written, but not many more. */
function isLittleMore({ points }: EditorElement, written: EditorElement | undefined): boolean {
  if (!written || points === written.points) return false
  return lengthOf(points) < WORTH_WRITING_FACTOR * lengthOf(written.points)
}

const lengthOf = (points: unknown) => (Array.isArray(points) ? points.length : 0)
