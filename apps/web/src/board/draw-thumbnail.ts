import { exportToCanvas } from '@excalidraw/excalidraw'
import type { ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'

/** The most that the API takes, bytes. */
const MAX_BYTES = 48 * 1024

/** Its shape in lists. */
const ASPECT_RATIO = 640 / 400

/** Sizes and qualities to try, best first; a browser without WebP makes PNG, whose quality is one. */
const TRIES = [640, 480, 320, 160].flatMap((width) =>
  [0.85, 0.6, 0.3].map((quality) => ({ width, quality })),
)

/** Margin around the drawing, units of the board. */
const MARGIN = 32

/**
 * A picture of all that is on a board when it is called, in the light theme; undefined for an empty board.
 * @throws Error where no picture is small enough
 */
export async function drawThumbnail(api: ExcalidrawImperativeAPI): Promise<Blob | undefined> {
  const elements = api.getSceneElements()
  if (elements.length === 0) return undefined
  const appState = api.getAppState()
  const drawing = await exportToCanvas({
    elements,
    files: api.getFiles(),
    appState: { ...appState, exportBackground: true, exportWithDarkMode: false, exportScale: 1 },
    exportPadding: MARGIN,
    maxWidthOrHeight: TRIES[0]?.width ?? 0,
  })
  for (const { width, quality } of TRIES) {
    const picture = await encode(framed(drawing, width, appState.viewBackgroundColor), quality)
    if (picture && picture.size <= MAX_BYTES) return picture
  }
  throw new Error('no picture of this board is small enough')
}

/** The drawing in the middle of a picture of this width. */
function framed(drawing: HTMLCanvasElement, width: number, background: string): HTMLCanvasElement {
  const height = Math.round(width / ASPECT_RATIO)
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  const context = canvas.getContext('2d', { alpha: false })
  if (!context) throw new Error('this browser draws nothing')
  const zoom = Math.min(width / drawing.width, height / drawing.height, 1)
  const [w, h] = [drawing.width * zoom, drawing.height * zoom]
  context.fillStyle = background
  context.fillRect(0, 0, width, height)
  context.drawImage(drawing, (width - w) / 2, (height - h) / 2, w, h)
  return canvas
}

const encode = (canvas: HTMLCanvasElement, quality: number): Promise<Blob | null> =>
  new Promise((resolve) => canvas.toBlob(resolve, 'image/webp', quality))
