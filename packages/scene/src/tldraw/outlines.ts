import type { Point } from '../elements/values.ts'

/** The corners of what Excalidraw has no element for, within a square of 1: closed lines. */
export const OUTLINES: Readonly<{ [geo: string]: readonly Point[] }> = {
  triangle: [
    [0.5, 0],
    [1, 1],
    [0, 1],
  ],
  pentagon: regular(5),
  hexagon: [
    [0.25, 0],
    [0.75, 0],
    [1, 0.5],
    [0.75, 1],
    [0.25, 1],
    [0, 0.5],
  ],
  octagon: [
    [0.3, 0],
    [0.7, 0],
    [1, 0.3],
    [1, 0.7],
    [0.7, 1],
    [0.3, 1],
    [0, 0.7],
    [0, 0.3],
  ],
  star: star(),
  rhombus: [
    [0.25, 0],
    [1, 0],
    [0.75, 1],
    [0, 1],
  ],
  'rhombus-2': [
    [0, 0],
    [0.75, 0],
    [1, 1],
    [0.25, 1],
  ],
  trapezoid: [
    [0.25, 0],
    [0.75, 0],
    [1, 1],
    [0, 1],
  ],
  'arrow-right': arrow(),
  'arrow-left': arrow().map(([x, y]) => [1 - x, y]),
  'arrow-down': arrow().map(([x, y]) => [y, x]),
  'arrow-up': arrow().map(([x, y]) => [y, 1 - x]),
  heart: [
    [0.5, 0.25],
    [0.7, 0],
    [0.95, 0.1],
    [1, 0.35],
    [0.85, 0.65],
    [0.5, 1],
    [0.15, 0.65],
    [0, 0.35],
    [0.05, 0.1],
    [0.3, 0],
  ],
}

function arrow(): Point[] {
  return [
    [0, 0.25],
    [0.6, 0.25],
    [0.6, 0],
    [1, 0.5],
    [0.6, 1],
    [0.6, 0.75],
    [0, 0.75],
  ]
}

function regular(corners: number): Point[] {
  return Array.from({ length: corners }, (_, i) => onCircle(i / corners, 0.5))
}

function star(): Point[] {
  return Array.from({ length: 10 }, (_, i) => onCircle(i / 10, i % 2 === 0 ? 0.5 : 0.25))
}

/** A point on a circle in the middle, beginning at the top. */
function onCircle(turn: number, radius: number): Point {
  const angle = 2 * Math.PI * turn - Math.PI / 2
  return [0.5 + radius * Math.cos(angle), 0.5 + radius * Math.sin(angle)]
}
