import { createElement, type ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, test } from 'vitest'
import en from '../messages/en.ts'
import zh from '../messages/zh.ts'
import { createMessages } from './messages.ts'

const NOW = Date.parse('2026-11-30T12:00:00Z')
const english = createMessages('en', en, 'en-GB')
const chinese = createMessages('zh', zh)

describe('texts', () => {
  test('have plurals', () => {
    const counted = [0, 1, 2, 1_234].map((count) => english.text('boards.count', { count }))
    expect(counted).toEqual(['No boards', '1 board', '2 boards', '1,234 boards'])
    expect(chinese.text('boards.count', { count: 2 })).toBe('2 个白板')
  })

  test('have elements, and names in them are no markup', () => {
    const b = (name: ReactNode) => createElement('b', null, name)
    const markup = (node: ReactNode) => renderToStaticMarkup(createElement('p', null, node))
    const values = { name: '<i>Ada</i>', role: 'admin', b }
    expect(markup(english.rich('invitations.member', values))).toBe(
      '<p><b>&lt;i&gt;Ada&lt;/i&gt;</b> invites you as an admin</p>',
    )
    expect(markup(chinese.rich('invitations.member', values))).toBe(
      '<p><b>&lt;i&gt;Ada&lt;/i&gt;</b> 邀请你担任管理员</p>',
    )
  })
})

describe('times', () => {
  test.each([
    ['2026-11-30T11:59:30Z', 'now', '现在'],
    ['2026-11-30T11:55:00Z', '5 minutes ago', '5分钟前'],
    ['2026-11-30T09:00:00Z', '3 hours ago', '3小时前'],
    ['2026-11-29T12:00:00Z', 'yesterday', '昨天'],
    ['2026-11-10T12:00:00Z', '20 days ago', '20天前'],
    ['2026-09-01T12:00:00Z', '01/09/2026', '2026/9/1'],
  ])('%s is %s, or %s', (time, inEnglish, inChinese) => {
    expect(english.ago(time, NOW)).toBe(inEnglish)
    expect(chinese.ago(time, NOW)).toBe(inChinese)
  })
})
