import type { Board } from '@mindfuse/client'
import * as Y from 'yjs'
import { Changes } from '../ui/changes.ts'
import { compareOrder, keysAtBottom, keysOnTop } from './order.ts'
import { type NewShape, readShape, type Shape, type ShapeMap, writeShape } from './shape.ts'
import { applyText } from './text-change.ts'

/** What of a shape may be changed; its text has a way of its own. */
export type ShapeChange = Partial<
  Pick<Shape, 'x' | 'y' | 'w' | 'h' | 'color' | 'order' | 'fontSize'>
>

/** Most shapes that one board takes from here; the server has its own bound, in bytes. */
const MAX_SHAPES = 20_000

/**
 * The shapes of a board: read from `doc.getMap('shapes')`, a Y.Map each by its id, and kept as plain
 * objects that are drawn from. Only what changed is read again.
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
    // What was refused is taken back with a document of its own.
    this.#stops.push(
      board.on('reset', () => {
        this.#map.unobserveDeep(this.#observe)
        this.#bind()
      }),
    )
  }

  /** Whether one may draw. */
  get canEdit(): boolean {
    return this.#board.canEdit && this.#board.status.kind !== 'denied'
  }

  /** All shapes, the lowest first. */
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

  /** What can be undone next begins here, however soon it follows. */
  beginStep(): void {
    const { undoManager } = this.#board
    undoManager.captureTimeout = Number.POSITIVE_INFINITY
    undoManager.stopCapturing()
  }

  /** Adds shapes on top. @returns their ids; none where the board is full */
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

  /** Changes shapes; what is as it was is not written. */
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

  /** Writes a shape's text. */
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

  /** Moves shapes above or below all others; among each other they stay as they are. */
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

  /** One may have become a viewer in the middle of a gesture: then it ends in nothing. */
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

/** 72 random bits: ids are many, and part of each shape's bytes. */
function newShapeId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9))
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
}
