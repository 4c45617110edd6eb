import { describe, expect, test } from 'vitest'
import { LANGUAGES, languageOf, localeOf, nameOfLanguage } from './language.ts'

describe('the language of a page', () => {
  test.each([
    [['zh', 'en-GB'], 'zh'],
    [['zh-CN'], 'zh'],
    [['zh-Hant-TW', 'en'], 'zh'],
    [['fr-FR', 'zh-CN', 'en'], 'zh'],
    [['fr-FR', 'en-GB', 'zh-CN'], 'en'],
    // That begins alike is no language of ours.
    [['zha', 'enm'], 'en'],
    [[], 'en'],
  ])('for %j is %s', (wanted, language) => {
    expect(languageOf(wanted, ['en', 'zh'])).toBe(language)
  })

  test('has dates as the browser prefers them', () => {
    expect(localeOf('en', ['zh-CN', 'en-GB', 'en-US'])).toBe('en-GB')
    expect(localeOf('en', ['zh-CN'])).toBe('en')
  })

  test('is called as it calls itself', () => {
    expect(LANGUAGES.map(nameOfLanguage)).toEqual(['English', '中文'])
  })
})
