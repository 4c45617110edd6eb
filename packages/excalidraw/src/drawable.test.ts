import { checkElement } from '@mindfuse/scene'
import { expect, test } from 'vitest'
import { drawable } from './drawable.ts'

const drawn = (properties: object) => {
  const element = checkElement({ id: 'a', type: 'rectangle', x: 0, y: 0, ...properties })
  return element && drawable(element)
}

const filled = { backgroundColor: '#ff0000', fillStyle: 'hachure', strokeWidth: 1 }
const points = [
  [0, 0],
  [1e9, 1e9],
  [0, 1],
]

test.each<[string, object, object]>([
  ['lines', { ...filled, width: 79_000 }, { fillStyle: 'hachure' }],
  ['far more lines', { ...filled, width: 1e9 }, { fillStyle: 'solid' }],
  ['lines in negative sizes', { ...filled, height: -1e9 }, { fillStyle: 'solid' }],
  ['fine lines', { ...filled, width: 900, strokeWidth: 0.01 }, { fillStyle: 'solid' }],
  ['lines of no width', { ...filled, width: 1, strokeWidth: 0 }, { fillStyle: 'solid' }],
  ['lines between points', { ...filled, type: 'line', points, width: 1 }, { fillStyle: 'solid' }],
  ['no lines', { fillStyle: 'hachure', width: 1e9 }, { fillStyle: 'hachure' }],
  ['dashes', { width: 900, strokeStyle: 'dashed' }, { strokeStyle: 'dashed' }],
  ['far more dashes', { width: 1e9, strokeStyle: 'dotted' }, { strokeStyle: 'solid' }],
])('an element is drawn with few lines: %s', (_, properties, expected) => {
  expect(drawn(properties)).toMatchObject(expected)
})

test('a frame has the beginning of a long name', () => {
  expect(drawn({ type: 'frame', name: 'x'.repeat(99_000) })).toMatchObject({
    name: 'x'.repeat(200),
  })
  expect(drawn({ type: 'frame', name: 'Plan' })).toMatchObject({ name: 'Plan' })
})

test('only what is of a page is left out', () => {
  const customData = { generationData: { status: 'done', html: '<h1>Sign in</h1>' } }
  expect(drawn({ type: 'iframe', customData })).not.toHaveProperty('customData')
  expect(drawn({ customData })).toMatchObject({ customData })
})
