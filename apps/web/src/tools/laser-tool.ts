import type { Tool } from './gesture.ts'

/** Points at things: a trail that everybody sees and that fades. */
export const laserTool: Tool = (editor, start) => {
  editor.lasers.point(start.board, true)
  return {
    move({ board }) {
      editor.lasers.point(board)
    },
    end() {
      // It fades by itself.
    },
    cancel() {
      // As above: what was shown was seen.
    },
  }
}
