import getStroke from 'perfect-freehand'
import type { Editor } from '../board/editor.ts'
import { GLOW_MS, type LaserPoint } from '../board/lasers.ts'
import { toScreen } from '../geometry/camera.ts'
import { personColor } from '../ui/avatar.ts'
import { h } from '../ui/dom.ts'
import { MAX_PIXEL_RATIO } from './board-view.ts'
import { pathAround } from './stroke-path.ts'

/** Widths of a trail at its newest point, CSS pixels: the glow, and the white core. */
const LIGHT_PX = 9
const CORE_PX = 2.5

const GLOW_PX = 10

/** Everyone's laser trails on a canvas above the board, drawn while any is visible. */
export function createLaserLayer(editor: Editor): { element: HTMLElement; close(): void } {
  const canvas = h('canvas', { class: 'laser-layer', 'aria-hidden': true })
  const context = canvas.getContext('2d')
  let frame: number | undefined

  const draw = () => {
    frame = undefined
    if (!context) return
    const { width, height } = editor.size
    const ratio = Math.min(devicePixelRatio, MAX_PIXEL_RATIO)
    // Setting the size also clears it.
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
    context.scale(ratio, ratio)
    const now = performance.now()
    const trails = editor.lasers.trails(now)
    for (const { userId, points } of trails) {
      for (const stroke of strokesOf(points, now)) drawStroke(context, stroke, userId)
    }
    if (trails.length > 0) request()
  }
  const request = () => {
    frame ??= requestAnimationFrame(draw)
  }

  /** The connected strokes in screen coordinates; points get thinner with age. */
  const strokesOf = (points: readonly LaserPoint[], now: number): [number, number, number][][] => {
    const strokes: [number, number, number][][] = []
    for (const point of points) {
      if (point.at > now) continue
      const { x, y } = toScreen(editor.camera, point)
      if (point.isStart || strokes.length === 0) strokes.push([])
      strokes.at(-1)?.push([x, y, 1 - (now - point.at) / GLOW_MS])
    }
    return strokes
  }

  const stop = editor.lasers.changes.on(request)
  return {
    element: canvas,
    close() {
      stop()
      if (frame !== undefined) cancelAnimationFrame(frame)
    },
  }
}

function drawStroke(
  context: CanvasRenderingContext2D,
  stroke: [number, number, number][],
  userId: string,
): void {
  const trail = (size: number) => {
    const options = { size, thinning: 1, simulatePressure: false, streamline: 0.3, last: true }
    return pathAround(getStroke(stroke, options))
  }
  context.save()
  context.fillStyle = personColor(userId)
  context.shadowColor = context.fillStyle
  context.shadowBlur = GLOW_PX
  context.fill(trail(LIGHT_PX))
  context.restore()
  context.fillStyle = 'rgba(255, 255, 255, 0.9)'
  context.fill(trail(CORE_PX))
}
