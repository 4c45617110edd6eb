import { checkElement, type SceneElement } from '@mindfuse/scene'
import { expect, test } from 'vitest'
import { type DraftsOfOthers, OthersDrafts } from './others-drafts.ts'

const user = { id: 'user', name: 'Ada', kind: 'person' } as const

const others = (...values: unknown[]): DraftsOfOthers =>
  new Map(
    values.map((value, i) => {
      const connectionId = `connection ${i}`
      return [connectionId, { connectionId, user, drafts: new Map([['draft', value]]) }]
    }),
  ) as DraftsOfOthers

const stored = checkElement({ id: 'box', type: 'rectangle', x: 1, y: 2, opacity: 50 })!

const read = (...values: unknown[]): SceneElement[] => {
  const elementOf = (id: string) => (id === 'box' ? stored : undefined)
  return [...new OthersDrafts().read(others(...values), elementOf).values()]
}

test('a draft changes an element of the document, or is one by itself', () => {
  expect(read({ id: 'box', type: 'rectangle', x: 7 })).toEqual([{ ...stored, x: 7 }])
  expect(read({ id: 'new', type: 'ellipse', x: 0, y: 0 })).toMatchObject([{ id: 'new', width: 0 }])
  expect(
    read({
      elements: [
        { id: 'box', y: 9 },
        { id: 'gone', y: 9 },
      ],
    }),
  ).toEqual([{ ...stored, y: 9 }])
})

test('a stroke is as large as its points', () => {
  const points = [
    [0, 0],
    [-5, 4],
    [10, 2],
  ]
  const stroke = { id: 'stroke', type: 'freedraw', x: 0, y: 0, points }
  expect(read(stroke)).toMatchObject([{ points, width: 15, height: 4 }])
})

test('what cannot be shown is left out, and nothing else is', () => {
  const hostile = [
    null,
    7,
    'text',
    [],
    {},
    { elements: 7 },
    { elements: [null, 7, [], { id: 7 }] },
    { id: '', type: 'rectangle', x: 0, y: 0 },
    { id: 'x', type: 'unknown', x: 0, y: 0 },
    { id: 'x', type: 'rectangle', x: Number.NaN, y: 0 },
    { id: 'x', type: 'freedraw', x: 0, y: 0, points: 'no' },
    JSON.parse('{"id":"x","type":"rectangle","x":0,"y":0,"customData":{"__proto__":{"y":1}}}'),
  ]
  const shown = read(...hostile, { id: 'box', x: 3 })
  expect(shown.filter(({ id }) => id !== 'x')).toEqual([{ ...stored, x: 3 }])
  for (const element of shown) expect(JSON.stringify(element)).not.toContain('__proto__')
})
