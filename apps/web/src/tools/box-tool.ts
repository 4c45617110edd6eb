import type { Editor } from '../board/editor.ts'
import { type Box, boxBetween, type Point } from '../geometry/box.ts'
import type { ShapeType } from '../model/shape.ts'
import { DEFAULT_FONT_SIZE } from '../model/shape.ts'
import { LINE_HEIGHT } from '../view/text-layout.ts'
import { isDragged, type Tool } from './gesture.ts'
import { LiveChange } from './live-change.ts'

type BoxType = Exclude<ShapeType, 'pen' | 'image'>

/** Size of a shape placed with a click, units of the board. */
const SIZES: Record<BoxType, { w: number; h: number }> = {
  rectangle: { w: 180, h: 120 },
  ellipse: { w: 160, h: 120 },
  sticky: { w: 200, h: 200 },
  text: { w: DEFAULT_FONT_SIZE, h: DEFAULT_FONT_SIZE * LINE_HEIGHT },
}

/** Whether a new shape opens for text editing. */
const OPENS_FOR_TEXT: Record<BoxType, boolean> = {
  rectangle: false,
  ellipse: false,
  sticky: true,
  text: true,
}

/** Draws a shape from corner to corner; a click places one of the default size. */
export const boxTool =
  (type: BoxType): Tool =>
  (editor, start) => {
    let id: string | undefined
    let change: LiveChange | undefined
    const isSized = type !== 'text'

    return {
      move(input) {
        if (!isSized || (!change && !isDragged(start, input))) return
        const box = boxBetween(
          start.board,
          input.isShift ? square(start.board, input.board) : input.board,
        )
        if (!change) {
          editor.model.beginStep()
          id = editor.model.add([{ ...box, type, color: editor.color }])[0]
          const shape = id === undefined ? undefined : editor.model.get(id)
          if (!shape) return
          change = new LiveChange(editor, [shape], { isContinued: true })
        }
        if (id !== undefined) change.show(new Map([[id, box]]))
      },
      end() {
        change?.end()
        id ??= placeShape(editor, type, start.board)
        finish(editor, type, id)
      },
      cancel() {
        change?.cancel()
        if (id !== undefined) editor.model.remove([id])
      },
    }
  }

/** Places a shape of the default size: text starts at the point, other shapes are centred on it. */
export function placeShape(editor: Editor, type: BoxType, { x, y }: Point): string | undefined {
  const { w, h } = SIZES[type]
  const box: Box = { x: type === 'text' ? x : x - w / 2, y: y - h / 2, w, h }
  editor.model.beginStep()
  return editor.model.add([{ ...box, type, color: editor.color }])[0]
}

/** Selects the new shape, or opens it for text editing. */
export function finish(editor: Editor, type: BoxType, id: string | undefined): void {
  editor.tool = 'select'
  if (id === undefined) return
  editor.select([id])
  if (OPENS_FOR_TEXT[type]) editor.edit(id)
}

function square(from: Point, to: Point): Point {
  const side = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y))
  return {
    x: from.x + side * Math.sign(to.x - from.x || 1),
    y: from.y + side * Math.sign(to.y - from.y || 1),
  }
}
