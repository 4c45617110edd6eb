import { pan } from '../geometry/camera.ts'
import type { Tool } from './gesture.ts'

/** Pans the view. */
export const handTool: Tool = (editor, start) => {
  let last = start.screen
  return {
    move({ screen }) {
      editor.camera = pan(editor.camera, screen.x - last.x, screen.y - last.y)
      last = screen
    },
    end() {
      editor.changes.emit()
    },
    cancel() {
      editor.changes.emit()
    },
  }
}
