import { expect, test } from 'vitest'
import { messages } from '../language/language.ts'
import { duration, megabytes, percent, quantity, shortTime, stateText } from './instance-text.ts'

test.each([
  [{ reasons: [], silentSeconds: 2 }, 'Ready', true],
  [{ reasons: ['going_away'], silentSeconds: 0 }, 'Stopping', false],
  [{ reasons: ['api_unavailable', 'new'], silentSeconds: 0 }, 'No API answers and new', false],
  [{ reasons: [], silentSeconds: 59 }, 'Silent for 59 sec', false],
])('%j is %s', (instance, text, isGood) => {
  expect(stateText(instance, messages())).toEqual({ text, isGood })
})

test.each([
  [0, '0 sec', '0秒'],
  [59, '59 sec', '59秒'],
  [60, '1 min', '1分钟'],
  [3_661, '1 hr 1 min', '1小时 1分钟'],
  [3_605, '1 hr', '1小时'],
  [270_000, '3 days 3 hr', '3天 3小时'],
])('%d seconds are %s, or %s', (seconds, inEnglish, inChinese) => {
  expect(duration(seconds, 'en')).toBe(inEnglish)
  expect(duration(seconds, 'zh')).toBe(inChinese)
})

test('amounts have as many digits as help', () => {
  const shown = (show: (value: number, locale: string) => string, values: number[]) =>
    values.map((value) => show(value, 'en'))
  const counts = ['0', '0.3', '7', '12', '1,204']
  expect(shown(quantity, [0, 0.25, 7, 12.4, 1_204.2])).toEqual(counts)
  expect(shown(shortTime, [0.0124, 1.52])).toEqual(['12 ms', '1.5 sec'])
  expect(shown(megabytes, [0, 1_500_000, 200_000_000])).toEqual(['0 MB', '1.4 MB', '191 MB'])
  expect(shown(percent, [0.453])).toEqual(['45%'])
})
