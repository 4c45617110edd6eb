import { type Box, center, type Point } from './box.ts'

/** What part of the board is in view: the board's point at the top left, and pixels a unit. */
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

/** Room left around what is brought into view: CSS pixels, and of small screens a share. */
const FIT_MARGIN_PX = 96
const FIT_MARGIN_SHARE = 0.08

/** From a place on the screen to the board's. */
export function toBoard({ x, y, zoom }: Camera, screen: Point): Point {
  return { x: x + screen.x / zoom, y: y + screen.y / zoom }
}

/** From a place on the board to the screen's. */
export function toScreen({ x, y, zoom }: Camera, board: Point): Point {
  return { x: (board.x - x) * zoom, y: (board.y - y) * zoom }
}

/** Moves what is seen by so many pixels. */
export function pan(camera: Camera, dx: number, dy: number): Camera {
  return { ...camera, x: camera.x - dx / camera.zoom, y: camera.y - dy / camera.zoom }
}

/** Zooms by a factor, and leaves what is under `anchor` (on the screen) where it is. */
export function zoomAt(camera: Camera, anchor: Point, factor: number): Camera {
  const zoom = Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, camera.zoom * factor))
  const held = toBoard(camera, anchor)
  return { x: held.x - anchor.x / zoom, y: held.y - anchor.y / zoom, zoom }
}

/** The part of the board that is in view. */
export function visibleBox({ x, y, zoom }: Camera, { width, height }: Size): Box {
  return { x, y, w: width / zoom, h: height / zoom }
}

/** A camera that has all of a box in view and is not closer than `maxZoom`. */
export function cameraFor(box: Box, { width, height }: Size, maxZoom = 1): Camera {
  const room = (length: number) => length - 2 * Math.min(FIT_MARGIN_PX, length * FIT_MARGIN_SHARE)
  const fit = Math.min(room(width) / Math.max(box.w, 1), room(height) / Math.max(box.h, 1))
  const zoom = Math.min(Math.max(fit, MIN_ZOOM), maxZoom)
  const { x, y } = center(box)
  return { x: x - width / zoom / 2, y: y - height / zoom / 2, zoom }
}
