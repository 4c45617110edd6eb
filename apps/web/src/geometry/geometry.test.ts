import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Shape } from '../model/shape.ts'
import { boxBetween, grow, intersects, union } from './box.ts'
import { type Camera, cameraFor, MAX_ZOOM, MIN_ZOOM, toBoard, toScreen, zoomAt } from './camera.ts'
import { isHit, shapeAt, shapesIn } from './hit-test.ts'
import { dragHandle, HANDLES, handlePoint, mapBox } from './resize.ts'

const coordinate = fc.double({ min: -1e5, max: 1e5, noNaN: true })
const point = fc.record({ x: coordinate, y: coordinate })
const side = fc.double({ min: 1, max: 1e4, noNaN: true })
const box = fc.record({ x: coordinate, y: coordinate, w: side, h: side })
const camera: fc.Arbitrary<Camera> = fc.record({
  x: coordinate,
  y: coordinate,
  zoom: fc.double({ min: MIN_ZOOM, max: MAX_ZOOM, noNaN: true }),
})

const shape = (change: Partial<Shape>): Shape => ({
  id: 'a',
  type: 'rectangle',
  x: 0,
  y: 0,
  w: 100,
  h: 50,
  color: 'blue',
  order: 'a0',
  text: '',
  fontSize: 24,
  points: undefined,
  digest: undefined,
  ...change,
})

describe('a camera', () => {
  test('leads from the screen to the board and back', () => {
    fc.assert(
      fc.property(camera, point, (camera, place) => {
        const back = toBoard(camera, toScreen(camera, place))
        expect(back.x).toBeCloseTo(place.x, 4)
        expect(back.y).toBeCloseTo(place.y, 4)
      }),
    )
  })

  test('holds what is under the pointer while it zooms, and stays within its bounds', () => {
    const anchor = fc.record({
      x: fc.integer({ min: 0, max: 2000 }),
      y: fc.integer({ min: 0, max: 2000 }),
    })
    fc.assert(
      fc.property(
        camera,
        anchor,
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (camera, at, factor) => {
          const zoomed = zoomAt(camera, at, factor)
          expect(zoomed.zoom).toBeGreaterThanOrEqual(MIN_ZOOM)
          expect(zoomed.zoom).toBeLessThanOrEqual(MAX_ZOOM)
          const [before, after] = [toBoard(camera, at), toBoard(zoomed, at)]
          expect(after.x).toBeCloseTo(before.x, 4)
          expect(after.y).toBeCloseTo(before.y, 4)
        },
      ),
    )
  })

  test('shows all of a box, and not larger than it is', () => {
    const size = { width: 1000, height: 600 }
    const fitted = cameraFor({ x: 50, y: 70, w: 4000, h: 900 }, size)
    const [first, last] = [
      { x: 50, y: 70 },
      { x: 4050, y: 970 },
    ].map((at) => toScreen(fitted, at))
    expect(first!.x).toBeGreaterThan(0)
    expect(last!.x).toBeLessThan(1000)
    expect(cameraFor({ x: 0, y: 0, w: 10, h: 10 }, size).zoom).toBe(1)
  })
})

describe('boxes', () => {
  test('the union of boxes meets each of them, and there is none of nothing', () => {
    fc.assert(
      fc.property(fc.array(box, { minLength: 1 }), (boxes) => {
        const all = union(boxes)!
        for (const one of boxes) expect(intersects(all, one)).toBe(true)
      }),
    )
    expect(union([])).toBeUndefined()
  })

  test('two corners make the same box in whatever order', () => {
    fc.assert(
      fc.property(point, point, (a, b) => {
        expect(boxBetween(a, b)).toEqual(boxBetween(b, a))
        expect(boxBetween(a, b).w).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test('growing by nothing changes nothing', () => {
    expect(grow({ x: 1, y: 2, w: 3, h: 4 }, 0)).toEqual({ x: 1, y: 2, w: 3, h: 4 })
  })
})

describe('resizing', () => {
  test('a handle that is put where it is changes nothing', () => {
    fc.assert(
      fc.property(
        fc.record({
          ...{ x: coordinate, y: coordinate },
          w: fc.integer({ min: 10, max: 1000 }),
          h: fc.integer({ min: 10, max: 1000 }),
        }),
        fc.constantFrom(...HANDLES),
        (from, handle) => {
          const to = dragHandle(from, handle, handlePoint(from, handle), false)
          for (const name of ['x', 'y', 'w', 'h'] as const)
            expect(to[name]).toBeCloseTo(from[name], 6)
        },
      ),
    )
  })

  test('a box dragged through its other side turns over, and is never nothing', () => {
    const from = { x: 0, y: 0, w: 100, h: 100 }
    expect(dragHandle(from, 'se', { x: -50, y: -20 }, false)).toEqual({
      x: -50,
      y: -20,
      w: 50,
      h: 20,
    })
    const { w, h } = dragHandle(from, 'se', { x: 0, y: 0 }, false)
    expect(Math.min(w, h)).toBeGreaterThan(0)
  })

  test('corners keep the ratio where they are asked to', () => {
    const to = dragHandle({ x: 0, y: 0, w: 200, h: 100 }, 'se', { x: 400, y: 120 }, true)
    expect(to).toEqual({ x: 0, y: 0, w: 400, h: 200 })
  })

  test('what is inside keeps its share', () => {
    const inner = mapBox(
      { x: 25, y: 50, w: 50, h: 50 },
      { x: 0, y: 0, w: 100, h: 100 },
      { x: 10, y: 10, w: 200, h: 50 },
    )
    expect(inner).toEqual({ x: 60, y: 35, w: 100, h: 25 })
  })
})

describe('a press', () => {
  test('hits an ellipse, and not the corner of its box', () => {
    const ellipse = shape({ type: 'ellipse' })
    expect(isHit(ellipse, { x: 50, y: 25 }, 0)).toBe(true)
    expect(isHit(ellipse, { x: 2, y: 2 }, 0)).toBe(false)
    expect(isHit(shape({}), { x: 2, y: 2 }, 0)).toBe(true)
  })

  test('hits the line of a stroke, and not the area it encloses', () => {
    // From the left top to the right bottom, in steps of a quarter.
    const stroke = shape({ type: 'pen', w: 100, h: 100, points: [0, 0, 50, 400, 400, 50] })
    expect(isHit(stroke, { x: 50, y: 51 }, 2)).toBe(true)
    expect(isHit(stroke, { x: 90, y: 10 }, 2)).toBe(false)
  })

  test('takes the highest of a pile', () => {
    const pile = [shape({ id: 'low' }), shape({ id: 'high' }), shape({ id: 'beside', x: 500 })]
    expect(shapeAt(pile, { x: 10, y: 10 }, 0)?.id).toBe('high')
    expect(shapeAt(pile, { x: 300, y: 300 }, 0)).toBeUndefined()
  })

  test('a marquee takes in what it touches', () => {
    const pile = [shape({ id: 'in' }), shape({ id: 'out', x: 500 })]
    expect(shapesIn(pile, { x: 90, y: 40, w: 50, h: 50 }).map(({ id }) => id)).toEqual(['in'])
  })
})
