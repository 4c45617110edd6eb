import { type Box, center, type Point } from './box.ts'

/** The visible part of the board: the board point at the top left, and pixels per unit. */
export interface Camera extends Point {
  zoom: number
}

/** A size on the screen, CSS pixels. */
export interface Size {
  width: number
  height: number
}

export const MIN_ZOOM = 0.05
export const MAX_ZOOM = 8

/** Margin around fitted content: CSS pixels, and a share of small screens. */
const FIT_MARGIN_PX = 96
const FIT_MARGIN_SHARE = 0.08

/** Converts a screen point to a board point. */
export function toBoard({ x, y, zoom }: Camera, screen: Point): Point {
  return { x: x + screen.x / zoom, y: y + screen.y / zoom }
}

/** Converts a board point to a screen point. */
export function toScreen({ x, y, zoom }: Camera, board: Point): Point {
  return { x: (board.x - x) * zoom, y: (board.y - y) * zoom }
}

/** Pans the view by pixels. */
export function pan(camera: Camera, dx: number, dy: number): Camera {
  return { ...camera, x: camera.x - dx / camera.zoom, y: camera.y - dy / camera.zoom }
}

/** Zooms by a factor, keeping the board point under `anchor` (on the screen) in place. */
export function zoomAt(camera: Camera, anchor: Point, factor: number): Camera {
  const zoom = Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, camera.zoom * factor))
  const held = toBoard(camera, anchor)
  return { x: held.x - anchor.x / zoom, y: held.y - anchor.y / zoom, zoom }
}

/** The part of the board in view. */
export function visibleBox({ x, y, zoom }: Camera, { width, height }: Size): Box {
  return { x, y, w: width / zoom, h: height / zoom }
}

/** A camera that fits a box, zoomed in to `maxZoom` at most. */
export function cameraFor(box: Box, { width, height }: Size, maxZoom = 1): Camera {
  const room = (length: number) => length - 2 * Math.min(FIT_MARGIN_PX, length * FIT_MARGIN_SHARE)
  const fit = Math.min(room(width) / Math.max(box.w, 1), room(height) / Math.max(box.h, 1))
  const zoom = Math.min(Math.max(fit, MIN_ZOOM), maxZoom)
  const { x, y } = center(box)
  return { x: x - width / zoom / 2, y: y - height / zoom / 2, zoom }
}
