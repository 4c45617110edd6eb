import { type ElementInput, readScene, sceneOutline, writeElements } from '@mindfuse/scene'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { createMessages } from '../language/messages.ts'
import en from '../messages/en.ts'
import zh from '../messages/zh.ts'
import { entryName } from './entry-name.ts'

const arrow = (id: string, start?: string, end?: string) => ({
  ...{
    id,
    type: 'arrow',
    x: 0,
    y: 500,
    points: [
      [0, 0],
      [9, 0],
    ],
  },
  startBinding: start ? { elementId: start, focus: 0, gap: 0 } : null,
  endBinding: end ? { elementId: end, focus: 0, gap: 0 } : null,
})

const ELEMENTS: ElementInput[] = [
  { id: 'invoice', type: 'rectangle', x: 0, y: 0 },
  {
    id: 'label',
    type: 'text',
    x: 0,
    y: 0,
    originalText: ' Invoice\nof May ',
    containerId: 'invoice',
  },
  { id: 'circle', type: 'ellipse', x: 50, y: 0 },
  { id: 'note', type: 'text', x: 99, y: 0, originalText: 'Note' },
  { id: 'long', type: 'text', x: 99, y: 0, originalText: '😀'.repeat(200) },
  { id: 'plan', type: 'frame', x: 0, y: 900, name: 'Plan' },
  { id: 'page', type: 'embeddable', x: 0, y: 0, link: 'https://example.com/' },
  arrow('free'),
  arrow('both', 'invoice', 'circle'),
  arrow('from', 'note'),
  arrow('to', undefined, 'gone'),
  arrow('written', undefined, 'note'),
  { id: 'on it', type: 'text', x: 0, y: 0, originalText: 'pays', containerId: 'written' },
  { id: 'stroke', type: 'freedraw', x: 0, y: 0, points: [[0, 0]] },
  { id: 'photo', type: 'image', x: 0, y: 0 },
]

const doc = new Y.Doc()
writeElements(doc, ELEMENTS)
const entries = new Map(
  sceneOutline(readScene(doc).elements).map((entry) => [entry.element.id, entry]),
)
const nameOf = (id: string, language: 'en' | 'zh') => {
  const messages = createMessages(language, { en, zh }[language])
  const name = entryName(entries.get(id)!, (other) => entries.get(other), messages)
  return name.replace(/[\u2068\u2069]/g, '')
}

test.each([
  ['invoice', 'Rectangle: Invoice of May', '矩形：Invoice of May'],
  ['circle', 'Ellipse', '椭圆'],
  ['note', 'Text: Note', '文本：Note'],
  ['long', `Text: ${'😀'.repeat(120)}…`, `文本：${'😀'.repeat(120)}…`],
  ['plan', 'Frame: Plan', '画框：Plan'],
  ['page', 'Page: https://example.com/', '网页：https://example.com/'],
  ['free', 'Arrow', '箭头'],
  ['both', 'Arrow from Invoice of May to Ellipse', '从Invoice of May到椭圆的箭头'],
  ['from', 'Arrow from Note', '从Note出发的箭头'],
  ['to', 'Arrow', '箭头'],
  ['written', 'Arrow to Note: pays', '指向Note的箭头：pays'],
  ['stroke', 'Drawing', '手绘'],
  ['photo', 'Picture', '图片'],
])('%s is called %s, or %s', (id, inEnglish, inChinese) => {
  expect(nameOf(id, 'en')).toBe(inEnglish)
  expect(nameOf(id, 'zh')).toBe(inChinese)
})
