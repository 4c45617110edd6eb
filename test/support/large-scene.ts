import { type ElementInput, readScene, type SceneElement, writeElements } from '@mindfuse/scene'
import { Doc } from 'yjs'

const COLUMNS = 100
const PITCH = 120

/** A board as people fill it: boxes with labels, arrows between them, texts and strokes, in rows. */
export function largeScene(count: number): readonly SceneElement[] {
  const doc = new Doc()
  writeElements(
    doc,
    Array.from({ length: count }, (_, i) => elementAt(i)),
  )
  return readScene(doc).elements
}

function elementAt(i: number): ElementInput {
  const [x, y] = [(i % COLUMNS) * PITCH, Math.floor(i / COLUMNS) * PITCH]
  const element = { id: `element-${i}`, x, y, width: 90, height: 60, seed: i + 1 }
  switch (i % 10) {
    case 0:
    case 5:
      return { ...element, type: 'rectangle', backgroundColor: '#a5d8ff', fillStyle: 'solid' }
    case 1:
    case 6: {
      const text = `Card ${i}`
      const label = {
        containerId: `element-${i - 1}`,
        textAlign: 'center',
        verticalAlign: 'middle',
      }
      const [left, top] = [x - PITCH + 10, y + 18]
      return { ...element, ...label, type: 'text', x: left, y: top, width: 70, height: 25, text }
    }
    case 2: {
      const ends = { startBinding: bindingTo(i - 2), endBinding: bindingTo(i + 3) }
      const points = [
        [0, 0],
        [3 * PITCH - 30, 0],
      ]
      return { ...element, ...ends, type: 'arrow', x: x - PITCH - 30, y: y + 30, height: 0, points }
    }
    case 3:
      return { ...element, type: 'ellipse', strokeColor: '#e03131' }
    case 4:
      return { ...element, type: 'diamond', backgroundColor: '#ffec99' }
    case 7:
      return { ...element, type: 'text', height: 25, text: `Note ${i}` }
    default: {
      const points = Array.from({ length: 30 }, (_, n) => [3 * n, 30 + 25 * Math.sin((n + i) / 4)])
      return { ...element, type: 'freedraw', points, simulatePressure: true }
    }
  }
}

const bindingTo = (i: number) => ({ elementId: `element-${i}`, focus: 0, gap: 1 })
