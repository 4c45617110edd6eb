import { encodeInk, type InkPoint } from '../model/ink.ts'
import type { PointerInput, Tool } from './gesture.ts'

/** Points closer than this to the previous one are ignored, CSS pixels. */
const MIN_STEP_PX = 1

/** Largest deviation of a simplified stroke from what was drawn, CSS pixels. */
const TOLERANCE_PX = 0.35

/** A mouse reports no pressure: its strokes get thinner with speed, up to this one, CSS pixels per millisecond. */
const FAST_PX_PER_MS = 3
const [SLOW_PRESSURE, FAST_PRESSURE] = [0.65, 0.3]

/** Weight of a new pressure sample against the previous one. */
const PRESSURE_EASE = 0.25

/** Draws freehand. The stroke is added to the board when the pen is lifted. */
export const penTool: Tool = (editor, start) => {
  const { color } = editor
  const points: InkPoint[] = [{ ...start.board, pressure: start.pressure ?? 0.5 }]
  let last = start

  const add = (input: PointerInput) => {
    const { x, y } = input.screen
    const step = Math.hypot(x - last.screen.x, y - last.screen.y)
    if (step < MIN_STEP_PX) return
    const before = points.at(-1)?.pressure ?? 0.5
    const target = input.pressure ?? pressureOf(step / Math.max(input.time - last.time, 1))
    points.push({ ...input.board, pressure: before + (target - before) * PRESSURE_EASE })
    last = input
  }
  const show = () => {
    editor.draft = { kind: 'ink', points, color }
  }
  show()

  return {
    move(input) {
      add(input)
      show()
    },
    end(input) {
      add(input)
      editor.draft = { kind: 'none' }
      const { box, points: packed } = encodeInk(points, TOLERANCE_PX / editor.camera.zoom)
      editor.model.beginStep()
      editor.model.add([{ ...box, type: 'pen', color, points: packed }])
    },
    cancel() {
      editor.draft = { kind: 'none' }
    },
  }
}

function pressureOf(speed: number): number {
  const share = Math.min(speed / FAST_PX_PER_MS, 1)
  return SLOW_PRESSURE + (FAST_PRESSURE - SLOW_PRESSURE) * share
}
