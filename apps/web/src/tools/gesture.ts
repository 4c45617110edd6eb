import type { Editor } from '../board/editor.ts'
import type { Point } from '../geometry/box.ts'

/** Where a pointer is, and how. */
export interface PointerInput {
  /** On the canvas, CSS pixels. */
  screen: Point
  /** On the board. */
  board: Point
  /** Shift, which keeps ratios and adds to a selection. */
  isShift: boolean
  isTouch: boolean
  /** 0 to 1 of a pen; undefined of what cannot tell. */
  pressure: number | undefined
  /** Milliseconds, of any beginning. */
  time: number
}

/** What one press does, from down to up. */
export interface Gesture {
  move(input: PointerInput): void
  end(input: PointerInput): void
  /** It turned out to be something else, like the first finger of two: nothing of it stays. */
  cancel(): void
}

/** Begins what a press does. */
export type Tool = (editor: Editor, start: PointerInput) => Gesture

/** Moves further than this are meant, CSS pixels. */
export const DRAG_THRESHOLD_PX = 4

/** How far from a shape a press still hits it, CSS pixels. */
export const HIT_TOLERANCE_PX = 5
export const TOUCH_TOLERANCE_PX = 12

/** Whether a pointer has gone so far that its person means to drag. */
export function isDragged(start: PointerInput, now: PointerInput): boolean {
  const { screen } = now
  return Math.hypot(screen.x - start.screen.x, screen.y - start.screen.y) > DRAG_THRESHOLD_PX
}
