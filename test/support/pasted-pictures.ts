import { eventually } from '@mindfuse/testing'
import { inPage, type Visitor } from './visitor.ts'

/** Distance of the tiles of a picture from its middle, CSS pixels: Excalidraw shows one at half the height of the view. */
const TILES = [-141, -47, 47, 141]

/** The middle of the view. */
export const MIDDLE = { x: 600, y: 400 }

/**
 * Pastes a picture of 16 tiles in noise, which no compression makes smaller, where the pointer is.
 *
 * @param blue of the tiles, by which pictures are told apart
 * @param noisy how many of its rows are noise, all by default
 * @returns its bytes
 */
export async function paste(
  { page }: Visitor,
  { blue = 120, side = 800, noisy }: { blue?: number; side?: number; noisy?: number } = {},
): Promise<number> {
  await page.mouse.move(MIDDLE.x, MIDDLE.y)
  await page.locator('.excalidraw').first().focus()
  return page.evaluate(`(async () => {
    const canvas = new OffscreenCanvas(${side}, ${side})
    const context = canvas.getContext('2d')
    const noise = context.createImageData(${side}, ${noisy ?? side})
    for (let from = 0; from < noise.data.length; from += 65_536)
      crypto.getRandomValues(noise.data.subarray(from, from + 65_536))
    for (let i = 3; i < noise.data.length; i += 4) noise.data[i] = 255
    context.putImageData(noise, 0, 0)
    const cell = ${side} / 4
    for (let x = 0; x < 4; x++) {
      for (let y = 0; y < 4; y++) {
        context.fillStyle = 'rgb(' + [20 + 60 * x, 20 + 60 * y, ${blue}] + ')'
        context.fillRect((x + 0.25) * cell, (y + 0.25) * cell, cell / 2, cell / 2)
      }
    }
    const blob = await canvas.convertToBlob({ type: 'image/png' })
    const clipboardData = new DataTransfer()
    clipboardData.items.add(new File([blob], 'picture.png', { type: blob.type }))
    document.dispatchEvent(new ClipboardEvent('paste', { clipboardData }))
    return blob.size
  })()`)
}

/** Whether all tiles of the newest picture have their colours. */
async function shows(visitor: Visitor, blue: number): Promise<boolean> {
  const shown = await visitor.shown()
  const newest = shown.elements.at(-1)
  if (!newest) return false
  const middle = inPage(shown, {
    x: newest.x + newest.width / 2,
    y: newest.y + newest.height / 2,
  })
  for (const [i, x] of TILES.entries()) {
    for (const [j, y] of TILES.entries()) {
      const color = await visitor.colorAt(middle.x + x * shown.zoom, middle.y + y * shown.zoom)
      if (color !== `${20 + 60 * i},${20 + 60 * j},${blue}`) return false
    }
  }
  return true
}

/** Waits until the newest picture is drawn. @param blue of its tiles */
export const sees = (visitor: Visitor, blue: number, timeoutMs?: number) =>
  eventually(`the picture with ${blue} is drawn`, () => shows(visitor, blue), timeoutMs)
