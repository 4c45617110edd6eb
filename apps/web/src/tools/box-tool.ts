import type { Editor } from '../board/editor.ts'
import { type Box, boxBetween, type Point } from '../geometry/box.ts'
import type { ShapeType } from '../model/shape.ts'
import { DEFAULT_FONT_SIZE } from '../model/shape.ts'
import { LINE_HEIGHT } from '../view/text-layout.ts'
import { isDragged, type Tool } from './gesture.ts'
import { LiveChange } from './live-change.ts'

type BoxType = Exclude<ShapeType, 'pen'>

/** How large a shape is that was made with a click, units of the board. */
const SIZES: Record<BoxType, { w: number; h: number }> = {
  rectangle: { w: 180, h: 120 },
  ellipse: { w: 160, h: 120 },
  sticky: { w: 200, h: 200 },
  text: { w: DEFAULT_FONT_SIZE, h: DEFAULT_FONT_SIZE * LINE_HEIGHT },
}

/** Shapes that are made to be written on. */
const IS_WRITTEN: Record<BoxType, boolean> = {
  rectangle: false,
  ellipse: false,
  sticky: true,
  text: true,
}

/** Pulls a shape up from corner to corner; a click makes one of the usual size. */
export const boxTool =
  (type: BoxType): Tool =>
  (editor, start) => {
    let id: string | undefined
    let change: LiveChange | undefined
    const isPulled = type !== 'text'

    return {
      move(input) {
        if (!isPulled || (!change && !isDragged(start, input))) return
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

/** Puts a shape of the usual size on the board; text begins at the point, others lie around it. */
export function placeShape(editor: Editor, type: BoxType, { x, y }: Point): string | undefined {
  const { w, h } = SIZES[type]
  const box: Box = { x: type === 'text' ? x : x - w / 2, y: y - h / 2, w, h }
  editor.model.beginStep()
  return editor.model.add([{ ...box, type, color: editor.color }])[0]
}

/** What was made is selected, or opened to be written. */
export function finish(editor: Editor, type: BoxType, id: string | undefined): void {
  editor.tool = 'select'
  if (id === undefined) return
  editor.select([id])
  if (IS_WRITTEN[type]) editor.edit(id)
}

function square(from: Point, to: Point): Point {
  const side = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y))
  return {
    x: from.x + side * Math.sign(to.x - from.x || 1),
    y: from.y + side * Math.sign(to.y - from.y || 1),
  }
}
