import { describe, expect, test } from 'vitest'
import { messages } from '../language/language.ts'
import { endOf } from './end-field.ts'
import { endText } from './end-field.tsx'

const NOW = new Date('2026-11-29T12:00:00Z')

describe('an end', () => {
  test('is so many days from now', () => {
    expect(endOf('1', '', NOW)?.toISOString()).toBe('2026-11-30T12:00:00.000Z')
    expect(endOf('30', '', NOW)?.toISOString()).toBe('2026-12-29T12:00:00.000Z')
  })

  test('on a date is when that is over where the user is', () => {
    const end = endOf('date', '2026-12-24', NOW)
    expect([end?.getDate(), end?.getHours(), end?.getMinutes()]).toEqual([24, 23, 59])
  })

  test('may never come', () => {
    expect(endOf('never', '2026-12-24', NOW)).toBeUndefined()
    expect(endText(null, messages())).toBe('Never ends')
    expect(endText('2026-12-24T12:00:00Z', messages())).toMatch(/^Ends .*24.*2026/)
  })
})
