import fc from 'fast-check'
import { expect, test } from 'vitest'
import { idOfHue } from './excalidraw-hue.ts'

const anyHue = fc.integer({ min: 0, max: 35 }).map((tenth) => tenth * 10)

test('a user has another id for each hue, and the same again', () => {
  fc.assert(
    fc.property(fc.uuid(), anyHue, anyHue, (id, hue, another) => {
      expect(idOfHue(id, hue)).toMatch(new RegExp(`^${id}.$`))
      expect(idOfHue(id, hue) === idOfHue(id, another)).toBe(hue === another)
    }),
  )
})
