import type { AppState } from '@excalidraw/excalidraw/types'
import type { Bounds } from '@mindfuse/scene'

const ZOOM_STEP = 0.1

/** Where `scrollToContent` of Excalidraw moves the view to with `fitToContent`: content in the middle, all of it. */
export function fittingView(
  { x, y, width, height }: Bounds,
  canvas: { width: number; height: number },
): Pick<AppState, 'scrollX' | 'scrollY' | 'zoom'> {
  const fitting = Math.min(canvas.width / width, canvas.height / height, 1)
  const zoom = Math.max(Math.floor(fitting / ZOOM_STEP) * ZOOM_STEP, ZOOM_STEP)
  return {
    scrollX: canvas.width / 2 / zoom - (x + width / 2),
    scrollY: canvas.height / 2 / zoom - (y + height / 2),
    zoom: { value: zoom as AppState['zoom']['value'] },
  }
}
