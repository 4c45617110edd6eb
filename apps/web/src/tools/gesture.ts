import type { Editor } from '../board/editor.ts'
import type { Point } from '../geometry/box.ts'

/** The position and state of a pointer. */
export interface PointerInput {
  /** On the canvas, CSS pixels. */
  screen: Point
  /** On the board. */
  board: Point
  /** Shift, which keeps ratios and adds to a selection. */
  isShift: boolean
  isTouch: boolean
  /** 0 to 1 for a pen; undefined for devices that do not report it. */
  pressure: number | undefined
  /** Milliseconds, from an arbitrary origin. */
  time: number
}

/** One press, from pointer down to pointer up. */
export interface Gesture {
  move(input: PointerInput): void
  end(input: PointerInput): void
  /** Reverts everything: the press turned out to be something else, such as a pinch. */
  cancel(): void
}

/** Starts a gesture. */
export type Tool = (editor: Editor, start: PointerInput) => Gesture

/** A move farther than this is a drag, CSS pixels. */
export const DRAG_THRESHOLD_PX = 4

/** A press this close to a shape still hits it, CSS pixels. */
export const HIT_TOLERANCE_PX = 5
export const TOUCH_TOLERANCE_PX = 12

/** Whether a pointer has moved far enough to count as a drag. */
export function isDragged(start: PointerInput, now: PointerInput): boolean {
  const { screen } = now
  return Math.hypot(screen.x - start.screen.x, screen.y - start.screen.y) > DRAG_THRESHOLD_PX
}
