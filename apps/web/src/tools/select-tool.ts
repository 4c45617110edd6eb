import type { Editor } from '../board/editor.ts'
import { boxBetween, type Point, union } from '../geometry/box.ts'
import { shapeAt, shapesIn } from '../geometry/hit-test.ts'
import { dragHandle, HANDLES, type Handle, handlePoint, mapBox } from '../geometry/resize.ts'
import type { ShapeChange } from '../model/board-model.ts'
import type { Shape } from '../model/shape.ts'
import { boxOnScreen, HANDLE_REACH_PX } from '../view/draw-selection.ts'
import { textSize } from '../view/text-layout.ts'
import {
  type Gesture,
  HIT_TOLERANCE_PX,
  isDragged,
  type PointerInput,
  TOUCH_TOLERANCE_PX,
  type Tool,
} from './gesture.ts'
import { LiveChange } from './live-change.ts'

/** Selects, moves or resizes, depending on what is pressed: a shape, a handle, or the background. */
export const selectTool: Tool = (editor, start) => {
  const handle = handleAt(editor, start)
  if (handle) return resize(editor, handle)
  const shape = shapeUnder(editor, start)
  return shape ? pick(editor, start, shape) : marquee(editor, start)
}

/** The shape under a pointer. */
export function shapeUnder(editor: Editor, { board, isTouch }: PointerInput): Shape | undefined {
  const tolerance = isTouch ? TOUCH_TOLERANCE_PX : HIT_TOLERANCE_PX
  return shapeAt(editor.shapes, board, tolerance / editor.camera.zoom)
}

/** The handle of the selection under a pointer. */
export function handleAt(
  editor: Editor,
  { screen, isTouch }: Pick<PointerInput, 'screen' | 'isTouch'>,
): Handle | undefined {
  const bounds = union(editor.selectedShapes)
  if (!bounds || !editor.canEdit) return undefined
  const box = boxOnScreen(editor.camera, bounds)
  const reach = isTouch ? 2 * HANDLE_REACH_PX : HANDLE_REACH_PX
  // On small shapes, full-size handles would cover the whole shape.
  const near = Math.min(reach, Math.max(6, Math.min(box.w, box.h) / 3))
  return HANDLES.find((handle) => {
    const { x, y } = handlePoint(box, handle)
    return Math.abs(x - screen.x) <= near && Math.abs(y - screen.y) <= near
  })
}

/** A click selects; a drag moves the selection. */
function pick(editor: Editor, start: PointerInput, shape: Shape): Gesture {
  const wasSelected = editor.selection.has(shape.id)
  if (start.isShift) editor.select(toggled(editor.selection, shape.id))
  else if (!wasSelected) editor.select([shape.id])
  let drag: { change: LiveChange; shapes: readonly Shape[] } | undefined

  return {
    move(input) {
      if (!editor.canEdit || (!drag && !isDragged(start, input))) return
      if (!drag) {
        const shapes = editor.selectedShapes
        drag = { shapes, change: new LiveChange(editor, shapes) }
      }
      const [dx, dy] = [input.board.x - start.board.x, input.board.y - start.board.y]
      drag.change.show(new Map(drag.shapes.map(({ id, x, y }) => [id, { x: x + dx, y: y + dy }])))
    },
    end() {
      if (drag) drag.change.end()
      else if (wasSelected && !start.isShift) editor.select([shape.id])
    },
    cancel() {
      drag?.change.cancel()
    },
  }
}

function resize(editor: Editor, handle: Handle): Gesture {
  const shapes = editor.selectedShapes
  const from = union(shapes)
  const change = new LiveChange(editor, shapes)
  const isText = shapes.every(({ type }) => type === 'text')
  return {
    move({ board, isShift }) {
      if (!from) return
      const to = dragHandle(from, handle, board, isShift || isText)
      change.show(
        new Map(shapes.map((shape) => [shape.id, resized(shape, mapBox(shape, from, to))])),
      )
    },
    end: () => change.end(),
    cancel: () => change.cancel(),
  }
}

/** Text has no width of its own: resizing it changes the font size. */
function resized(shape: Shape, box: { x: number; y: number; w: number; h: number }): ShapeChange {
  if (shape.type !== 'text' || shape.h === 0) return box
  const fontSize = Math.max(6, (shape.fontSize * box.h) / shape.h)
  return { x: box.x, y: box.y, fontSize, ...textSize(shape.text, fontSize) }
}

/** Draws a frame and selects the shapes it touches. */
function marquee(editor: Editor, start: PointerInput): Gesture {
  const before = start.isShift ? editor.selection : new Set<string>()
  if (!start.isShift) editor.select([])
  const end = () => {
    editor.draft = { kind: 'none' }
  }
  return {
    move(input) {
      if (!isDragged(start, input)) return
      const box = boxBetween(start.board, input.board as Point)
      editor.draft = { kind: 'marquee', box }
      editor.select([...before, ...shapesIn(editor.model.ordered, box).map(({ id }) => id)])
    },
    end,
    cancel() {
      editor.select(before)
      end()
    },
  }
}

function toggled(selection: ReadonlySet<string>, id: string): string[] {
  return selection.has(id) ? [...selection].filter((other) => other !== id) : [...selection, id]
}
