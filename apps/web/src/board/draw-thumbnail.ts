import { exportToCanvas } from '@excalidraw/excalidraw'
import type { ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'

/** The API accepts thumbnail URLs of at most this many characters. */
const MAX_URL_LENGTH = 2_048

/** Sizes and qualities to try, best first. The aspect ratio is 8:5. */
const TRIES = [320, 256, 208, 160, 120].flatMap((width) =>
  [0.7, 0.45, 0.2].map((quality) => ({ width, quality })),
)

/** Margin around the drawing, units of the board. */
const MARGIN = 32

/** A thumbnail of a board as a data: URL; null for an empty board, or if none is small enough. */
export async function drawThumbnail(api: ExcalidrawImperativeAPI): Promise<string | null> {
  const elements = api.getSceneElements()
  if (elements.length === 0) return null
  const appState = { ...api.getAppState(), exportWithDarkMode: false, exportBackground: true }
  const files = api.getFiles()
  const drawing = await exportToCanvas({
    elements,
    appState,
    files,
    exportPadding: MARGIN,
    maxWidthOrHeight: 640,
  })
  const canvas = document.createElement('canvas')
  for (const { width, quality } of TRIES) {
    const height = (width * 5) / 8
    canvas.width = width
    canvas.height = height
    const context = canvas.getContext('2d')
    if (!context) return null
    const zoom = Math.min(width / drawing.width, height / drawing.height, 1)
    const [w, h] = [drawing.width * zoom, drawing.height * zoom]
    context.fillStyle = appState.viewBackgroundColor
    context.fillRect(0, 0, width, height)
    context.drawImage(drawing, (width - w) / 2, (height - h) / 2, w, h)
    const url = canvas.toDataURL('image/webp', quality)
    if (url.length <= MAX_URL_LENGTH) return url
  }
  return null
}
