import type { Editor } from '../board/editor.ts'
import { personColor } from '../ui/avatar.ts'
import { h } from '../ui/dom.ts'
import { createCursors } from './cursors.ts'
import { drawBoard } from './draw-board.ts'
import { drawMarquee, drawOthersSelection, drawSelection } from './draw-selection.ts'
import { outline } from './stroke-path.ts'
import { currentTheme, onThemeChange } from './theme.ts'

/** A higher pixel ratio costs drawing time without a visible difference. */
export const MAX_PIXEL_RATIO = 2

/** A board on a canvas, redrawn in the next frame after a change, and only then. */
export class BoardView {
  readonly element: HTMLElement
  readonly canvas: HTMLCanvasElement
  readonly #editor: Editor
  readonly #context: CanvasRenderingContext2D
  readonly #cursors: ReturnType<typeof createCursors>
  readonly #stops: (() => void)[]
  readonly #onDrawn: () => void
  #frame: number | undefined
  #drawnCamera: unknown

  /** @param onDrawn called after each frame, to position elements over the board */
  constructor(editor: Editor, onDrawn: () => void) {
    this.#editor = editor
    this.#onDrawn = onDrawn
    this.canvas = h('canvas', {
      class: 'board-canvas',
      tabindex: 0,
      role: 'application',
      'aria-description': 'Press ? for keyboard shortcuts.',
    })
    const context = this.canvas.getContext('2d', { alpha: false })
    if (!context) throw new Error('this browser has no canvas')
    this.#context = context
    this.#cursors = createCursors(editor.board.presence)
    this.element = h('div', { class: 'board-view' }, this.canvas, this.#cursors.element)

    const invalidate = () => this.invalidate()
    const { presence } = editor.board
    const sizes = new ResizeObserver(() => this.#resize())
    sizes.observe(this.element)
    this.#stops = [
      () => sizes.disconnect(),
      editor.changes.on(invalidate),
      editor.model.changes.on(invalidate),
      editor.pictures.changes.on(invalidate),
      presence.on('sync', invalidate),
      presence.on('leave', invalidate),
      onThemeChange(invalidate),
    ]
  }

  /** Draws in the next frame. */
  invalidate(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined
      this.#draw()
    })
  }

  close(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    for (const stop of this.#stops) stop()
  }

  #resize(): void {
    const { clientWidth: width, clientHeight: height } = this.element
    if (width === 0 || height === 0) return
    const editor = this.#editor
    const isFirst = editor.size.width === 1
    editor.size = { width, height }
    const ratio = this.#pixelRatio
    this.canvas.width = Math.round(width * ratio)
    this.canvas.height = Math.round(height * ratio)
    if (isFirst) editor.zoomToFit()
    // A resized canvas is blank: waiting for the next frame would flicker.
    this.#draw()
  }

  get #pixelRatio(): number {
    return Math.min(devicePixelRatio, MAX_PIXEL_RATIO)
  }

  #draw(): void {
    const editor = this.#editor
    const context = this.#context
    const { camera, size, draft } = editor
    const theme = currentTheme()
    drawBoard(context, {
      camera,
      size,
      theme,
      pixelRatio: this.#pixelRatio,
      shapes: editor.shapes,
      pictures: editor.pictures,
      editedId: editor.editedId,
    })
    if (draft.kind === 'ink') {
      context.save()
      context.scale(camera.zoom, camera.zoom)
      context.translate(-camera.x, -camera.y)
      context.fillStyle = theme.tints[draft.color].line
      context.fill(outline(draft.points, false))
      context.restore()
    }
    drawOthersSelection(context, camera, this.#othersSelections())
    drawSelection(context, {
      camera,
      theme,
      boxes: editor.selectedShapes,
      hasHandles: editor.canEdit && editor.editedId === undefined,
    })
    if (draft.kind === 'marquee') drawMarquee(context, { camera, theme, box: draft.box })
    this.#cursors.place(camera, this.#drawnCamera === camera)
    this.#drawnCamera = camera
    this.#describe()
    this.#onDrawn()
  }

  /** A screen reader cannot read a canvas: describe it in the label. */
  #describe(): void {
    const { model, selection } = this.#editor
    const count = model.ordered.length
    const selected = selection.size > 0 ? `, ${selection.size} selected` : ''
    const label = `Board with ${count} ${count === 1 ? 'shape' : 'shapes'}${selected}`
    if (this.canvas.ariaLabel !== label) this.canvas.ariaLabel = label
  }

  #othersSelections() {
    const { board, model } = this.#editor
    return board.presence.others.map(({ user, selection }) => ({
      color: personColor(user.id),
      boxes: selection.flatMap((id) => model.get(id) ?? []),
    }))
  }
}
