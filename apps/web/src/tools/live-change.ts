import type { Editor } from '../board/editor.ts'
import type { ShapeChange } from '../model/board-model.ts'
import type { Shape } from '../model/shape.ts'

/** Interval between updates sent during a drag, milliseconds; grows with the number of shapes. */
const WRITE_INTERVAL_MS = 50
const WRITE_INTERVAL_MS_PER_SHAPE = 1

/**
 * A change in progress while the user drags. Displayed locally at once; written to the document only
 * a few times a second, since every write is an edit sent to everyone.
 */
export class LiveChange {
  readonly #editor: Editor
  readonly #before: readonly Shape[]
  readonly #intervalMs: number
  #latest: ReadonlyMap<string, ShapeChange> | undefined
  #hasWritten = false
  #timer: ReturnType<typeof setTimeout> | undefined

  /**
   * @param shapes the shapes as they were before the change
   * @param options.isContinued undone together with the step before
   */
  constructor(editor: Editor, shapes: readonly Shape[], options: { isContinued?: boolean } = {}) {
    this.#editor = editor
    this.#before = shapes
    this.#intervalMs = WRITE_INTERVAL_MS + shapes.length * WRITE_INTERVAL_MS_PER_SHAPE
    if (!options.isContinued) editor.model.beginStep()
  }

  show(changes: ReadonlyMap<string, ShapeChange>): void {
    this.#latest = changes
    this.#editor.preview(changes)
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#write()
    }, this.#intervalMs)
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#write()
    this.#editor.preview(new Map())
  }

  /** Reverts the change. */
  cancel(): void {
    clearTimeout(this.#timer)
    if (this.#hasWritten) {
      const before = this.#before.map(
        ({ id, x, y, w, h, fontSize, type }) =>
          [id, type === 'text' ? { x, y, w, h, fontSize } : { x, y, w, h }] as const,
      )
      this.#editor.model.update(new Map(before))
    }
    this.#editor.preview(new Map())
  }

  #write(): void {
    if (!this.#latest) return
    this.#editor.model.update(this.#latest)
    this.#latest = undefined
    this.#hasWritten = true
  }
}
