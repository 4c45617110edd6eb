import { expect, test } from 'vitest'
import { editorLanguage } from './editor-language.ts'

test.each([
  ['zh', 'zh-CN'],
  ['de', 'de-DE'],
  ['pt', 'pt-BR'],
  ['pt-PT', 'pt-PT'],
])('%s is %s for the editor', (tag, code) => {
  expect(editorLanguage(tag)).toBe(code)
})
