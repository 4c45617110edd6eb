import type { Board } from '@mindfuse/client'
import type { Box, Point } from '../geometry/box.ts'
import { union } from '../geometry/box.ts'
import { type Camera, cameraFor, type Size, toBoard, zoomAt } from '../geometry/camera.ts'
import type { BoardModel, ShapeChange } from '../model/board-model.ts'
import type { InkPoint } from '../model/ink.ts'
import type { ColorName } from '../model/palette.ts'
import { hasText, type Shape } from '../model/shape.ts'
import { Changes } from '../ui/changes.ts'
import type { Lasers } from './lasers.ts'
import { Pictures } from './pictures.ts'

/** What pressing on the board does. */
export type ToolName =
  | 'select'
  | 'hand'
  | 'pen'
  | 'rectangle'
  | 'ellipse'
  | 'sticky'
  | 'text'
  | 'laser'

/** What is being drawn but is not on the board yet. */
export type Draft =
  | { kind: 'none' }
  | { kind: 'ink'; points: readonly InkPoint[]; color: ColorName }
  | { kind: 'marquee'; box: Box }

/** Offset of a copy from its original, units of the board. */
const COPY_OFFSET = 24

/** The local editing state of a board: tool, camera, selection. */
export class Editor {
  readonly changes = new Changes()
  readonly board: Board
  readonly model: BoardModel
  readonly lasers: Lasers
  readonly pictures: Pictures
  /** Of the canvas, CSS pixels. */
  size: Size = { width: 1, height: 1 }
  #tool: ToolName = 'select'
  #color: ColorName = 'blue'
  #camera: Camera = { x: 0, y: 0, zoom: 1 }
  #selection: ReadonlySet<string> = new Set()
  #draft: Draft = { kind: 'none' }
  #previews: ReadonlyMap<string, ShapeChange> = new Map()
  #editedId: string | undefined

  constructor(board: Board, model: BoardModel, lasers: Lasers) {
    this.board = board
    this.model = model
    this.lasers = lasers
    this.pictures = new Pictures(board)
    model.changes.on(() => this.#dropGone())
  }

  get canEdit(): boolean {
    return this.model.canEdit
  }

  /** Whether this user may use a tool now. */
  canUse(tool: ToolName): boolean {
    if (tool === 'select' || tool === 'hand') return true
    return tool === 'laser' ? this.board.canBroadcast : this.canEdit
  }

  get tool(): ToolName {
    return this.canUse(this.#tool) ? this.#tool : 'select'
  }

  set tool(tool: ToolName) {
    this.#tool = tool
    if (tool !== 'select') this.select([])
    this.changes.emit()
  }

  get color(): ColorName {
    return this.#color
  }

  /** The colour of new shapes; setting it also recolours the selection. */
  set color(color: ColorName) {
    this.#color = color
    if (this.#selection.size > 0) {
      this.model.beginStep()
      this.model.update(new Map([...this.#selection].map((id) => [id, { color }])))
    }
    this.changes.emit()
  }

  get camera(): Camera {
    return this.#camera
  }

  set camera(camera: Camera) {
    this.#camera = camera
    this.board.presence.viewport(camera)
    this.changes.emit()
  }

  get selection(): ReadonlySet<string> {
    return this.#selection
  }

  get draft(): Draft {
    return this.#draft
  }

  set draft(draft: Draft) {
    this.#draft = draft
    this.changes.emit()
  }

  /** The shape whose text the user is editing. */
  get editedId(): string | undefined {
    return this.#editedId
  }

  /** All shapes as displayed: with the preview of a change in progress. */
  get shapes(): readonly Shape[] {
    const { ordered } = this.model
    if (this.#previews.size === 0) return ordered
    return ordered.map((shape) => this.#previewed(shape))
  }

  get selectedShapes(): Shape[] {
    return [...this.#selection].flatMap((id) => {
      const shape = this.model.get(id)
      return shape ? [this.#previewed(shape)] : []
    })
  }

  /** Shows changes that are not written yet. */
  preview(changes: ReadonlyMap<string, ShapeChange>): void {
    this.#previews = changes
    this.changes.emit()
  }

  select(ids: Iterable<string>): void {
    this.#selection = new Set(ids)
    this.board.presence.update({ selection: [...this.#selection] })
    this.changes.emit()
  }

  selectAll(): void {
    this.#tool = 'select'
    this.select(this.model.ordered.map(({ id }) => id))
  }

  /** Opens a shape's text for editing. */
  edit(id: string): void {
    const shape = this.model.get(id)
    if (!shape || !hasText(shape) || !this.canEdit) return
    this.model.beginStep()
    this.#tool = 'select'
    this.#editedId = id
    this.select([id])
  }

  /** Ends text editing; a text shape left empty is removed. */
  endEdit(): void {
    const id = this.#editedId
    this.#editedId = undefined
    const shape = id === undefined ? undefined : this.model.get(id)
    if (shape?.type === 'text' && shape.text.trim() === '') this.model.remove([shape.id])
    this.changes.emit()
  }

  removeSelected(): void {
    if (this.#selection.size === 0) return
    this.model.beginStep()
    this.model.remove(this.#selection)
  }

  /** Duplicates the selection and selects the copies. */
  duplicateSelected(): void {
    const copies = this.model.ordered
      .filter(({ id }) => this.#selection.has(id))
      .map((shape) => ({ ...shape, x: shape.x + COPY_OFFSET, y: shape.y + COPY_OFFSET }))
    if (copies.length === 0) return
    this.model.beginStep()
    this.select(this.model.add(copies))
  }

  moveSelected(dx: number, dy: number): void {
    this.model.beginStep()
    const moves = this.selectedShapes.map(({ id, x, y }) => [id, { x: x + dx, y: y + dy }] as const)
    this.model.update(new Map(moves))
  }

  restackSelected(where: 'front' | 'back'): void {
    this.model.beginStep()
    this.model.restack(this.#selection, where)
  }

  undo(): void {
    this.board.undo()
  }

  redo(): void {
    this.board.redo()
  }

  /** Zooms around the centre of the view. */
  zoomBy(factor: number): void {
    this.camera = zoomAt(this.#camera, this.#middle, factor)
  }

  /** Fits all shapes into view, or resets the view of an empty board. */
  zoomToFit(): void {
    const content = union(this.model.ordered)
    const { width, height } = this.size
    this.camera = content
      ? cameraFor(content, this.size)
      : { x: -width / 2, y: -height / 2, zoom: 1 }
  }

  /** The board point at the centre of the view. */
  get middleOfBoard(): Point {
    return toBoard(this.#camera, this.#middle)
  }

  get #middle(): Point {
    return { x: this.size.width / 2, y: this.size.height / 2 }
  }

  #previewed(shape: Shape): Shape {
    const change = this.#previews.get(shape.id)
    return change ? { ...shape, ...change } : shape
  }

  /** Other users may remove shapes that are selected or being edited. */
  #dropGone(): void {
    if (this.#editedId !== undefined && !this.model.has(this.#editedId)) this.#editedId = undefined
    const left = [...this.#selection].filter((id) => this.model.has(id))
    if (left.length < this.#selection.size) this.select(left)
  }
}
