import { expect, test } from 'vitest'
import { pictureUrlOf } from './picture-url.ts'

test('a picture has an https address', () => {
  expect(pictureUrlOf('https://lh3.example/a.png')).toBe('https://lh3.example/a.png')
})

test.each([
  'http://lh3.example/a.png',
  'javascript:alert(1)',
  'data:image/png;base64,AA==',
  '//lh3.example/a.png',
  ' https://lh3.example',
  '',
  undefined,
])('%j is none', (picture) => {
  expect(pictureUrlOf(picture)).toBeUndefined()
})
