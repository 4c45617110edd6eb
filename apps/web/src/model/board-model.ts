import type { Board } from '@mindfuse/client'
import * as Y from 'yjs'
import { Changes } from '../ui/changes.ts'
import { compareOrder, keysAtBottom, keysOnTop } from './order.ts'
import { type NewShape, readShape, type Shape, type ShapeMap, writeShape } from './shape.ts'
import { applyText } from './text-change.ts'

/** The changeable properties of a shape; text is changed by `setText`. */
export type ShapeChange = Partial<
  Pick<Shape, 'x' | 'y' | 'w' | 'h' | 'color' | 'order' | 'fontSize'>
>

/** Shapes this client adds to a board at most; the server has its own limit, in bytes. */
const MAX_SHAPES = 20_000

/**
 * The shapes of a board: read from `doc.getMap('shapes')`, one Y.Map per id, and cached as plain
 * objects for drawing. Only changed shapes are read again.
 */
export class BoardModel {
  readonly changes = new Changes()
  readonly #board: Board
  readonly #shapes = new Map<string, Shape>()
  readonly #stops: (() => void)[] = []
  #sorted: readonly Shape[] | undefined
  #map!: Y.Map<unknown>

  constructor(board: Board) {
    this.#board = board
    this.#bind()
    // A reset replaces the document to drop rejected edits.
    this.#stops.push(
      board.on('reset', () => {
        this.#map.unobserveDeep(this.#observe)
        this.#bind()
      }),
    )
  }

  /** Whether the user may edit the board. */
  get canEdit(): boolean {
    return this.#board.canEdit && this.#board.status.kind !== 'denied'
  }

  /** All shapes, bottom first. */
  get ordered(): readonly Shape[] {
    this.#sorted ??= [...this.#shapes.values()].sort(compareOrder)
    return this.#sorted
  }

  get(id: string): Shape | undefined {
    return this.#shapes.get(id)
  }

  has(id: string): boolean {
    return this.#shapes.has(id)
  }

  /** Starts a new undo step, however soon the next change follows. */
  beginStep(): void {
    const { undoManager } = this.#board
    undoManager.captureTimeout = Number.POSITIVE_INFINITY
    undoManager.stopCapturing()
  }

  /** Adds shapes on top. @returns their ids; empty if the board is full */
  add(shapes: readonly NewShape[]): string[] {
    if (this.#shapes.size + shapes.length > MAX_SHAPES) return []
    const orders = keysOnTop(this.ordered, shapes.length)
    const ids: string[] = []
    this.#edit(() => {
      shapes.forEach((shape, i) => {
        const id = newShapeId()
        this.#map.set(id, writeShape(shape, orders[i] ?? ''))
        ids.push(id)
      })
    })
    return ids
  }

  /** Updates shapes; writes only properties that differ. */
  update(changes: ReadonlyMap<string, ShapeChange>): void {
    this.#edit(() => {
      for (const [id, change] of changes) {
        const map = this.#map.get(id)
        if (!(map instanceof Y.Map)) continue
        for (const [name, value] of Object.entries(change)) {
          if (map.get(name) !== value) map.set(name, value)
        }
      }
    })
  }

  /** Sets a shape's text. */
  setText(id: string, text: string, change: ShapeChange = {}): void {
    this.#edit(() => {
      const map = this.#map.get(id)
      const held = map instanceof Y.Map ? (map as ShapeMap).get('text') : undefined
      if (held instanceof Y.Text) applyText(held, text)
      this.update(new Map([[id, change]]))
    })
  }

  remove(ids: Iterable<string>): void {
    this.#edit(() => {
      for (const id of ids) this.#map.delete(id)
    })
  }

  /** Moves shapes above or below all others, keeping their relative order. */
  restack(ids: ReadonlySet<string>, where: 'front' | 'back'): void {
    const moved = this.ordered.filter(({ id }) => ids.has(id))
    const rest = this.ordered.filter(({ id }) => !ids.has(id))
    const keys = (where === 'front' ? keysOnTop : keysAtBottom)(rest, moved.length)
    this.update(new Map(moved.map(({ id }, i) => [id, { order: keys[i] ?? '' }])))
  }

  close(): void {
    this.#map.unobserveDeep(this.#observe)
    for (const stop of this.#stops) stop()
  }

  /** The user may lose the right to edit in the middle of a gesture: then nothing is written. */
  #edit(draw: () => void): void {
    if (this.canEdit) this.#board.edit(draw)
  }

  #bind(): void {
    this.#map = this.#board.doc.getMap('shapes')
    this.#shapes.clear()
    for (const id of this.#map.keys()) this.#read(id)
    this.#map.observeDeep(this.#observe)
    this.#changed()
  }

  readonly #observe = (events: Y.YEvent<Y.AbstractType<unknown>>[]): void => {
    for (const event of events) {
      const [id] = event.path
      if (typeof id === 'string') this.#read(id)
      else for (const key of event.keys.keys()) this.#read(key)
    }
    this.#changed()
  }

  #read(id: string): void {
    const shape = readShape(id, this.#map.get(id))
    if (shape) this.#shapes.set(id, shape)
    else this.#shapes.delete(id)
  }

  #changed(): void {
    this.#sorted = undefined
    this.changes.emit()
  }
}

/** 72 random bits: short, because every shape stores its id. */
function newShapeId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9))
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
}
