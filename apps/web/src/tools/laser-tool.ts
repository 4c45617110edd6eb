import type { Tool } from './gesture.ts'

/** Draws a trail that everyone sees and that fades. */
export const laserTool: Tool = (editor, start) => {
  editor.lasers.point(start.board, true)
  return {
    move({ board }) {
      editor.lasers.point(board)
    },
    end() {
      // The trail fades by itself.
    },
    cancel() {
      // As above: what was sent cannot be taken back.
    },
  }
}
