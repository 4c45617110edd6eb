import { expect, test } from 'vitest'
import { inOrder } from './frame-order.ts'

const frame = (name: string | null, x: number, y: number) => ({
  name,
  x,
  y,
  width: 150,
  height: 100,
})

test('frames are in rows, from left to right', () => {
  const [a, b, c, d] = [
    frame('A', 0, 20),
    frame(null, 200, 0),
    frame('C', 50, 300),
    frame('D', 9, 340),
  ]
  expect(inOrder([c, b, d, a])).toEqual([a, b, d, c])
})

test('frames with numbers come first, in their order', () => {
  const [ten, two, other] = [frame('10 End', 0, 0), frame('2', 200, 0), frame('Notes', -90, 0)]
  expect(inOrder([other, ten, two])).toEqual([two, ten, other])
})
