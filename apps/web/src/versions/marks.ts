import { convertToExcalidrawElements } from '@excalidraw/excalidraw'
import type { ExcalidrawElement } from '@excalidraw/excalidraw/element/types'
import { elementBounds, type SceneElement } from '@mindfuse/scene'
import type { SceneDifference } from './compare-scenes.ts'

/** What is marked in a scene: each kind has a colour and a line of its own. */
export type Mark = keyof SceneDifference

const LINES = {
  added: { strokeColor: '#2f9e44', strokeStyle: 'solid' },
  changed: { strokeColor: '#e67700', strokeStyle: 'dashed' },
  removed: { strokeColor: '#e03131', strokeStyle: 'dotted' },
} as const

/** Between an element and the frame around it, units of the board. */
const MARGIN = 8

/** Frames around the elements of a scene that are other than in another one. */
export function marksOf(
  elements: readonly SceneElement[],
  difference: SceneDifference,
): ExcalidrawElement[] {
  const frames = elements.flatMap((element) => {
    const mark = markOf(element.id, difference)
    if (!mark) return []
    const { x, y, width, height } = elementBounds(element)
    return [
      {
        ...({ type: 'rectangle', id: `mark:${element.id}` } as const),
        ...{ x: x - MARGIN, y: y - MARGIN },
        ...{ width: width + 2 * MARGIN, height: height + 2 * MARGIN },
        ...LINES[mark],
        ...{ backgroundColor: 'transparent', strokeWidth: 2, roughness: 0 },
      },
    ]
  })
  return convertToExcalidrawElements(frames, { regenerateIds: false })
}

function markOf(id: string, { added, changed, removed }: SceneDifference): Mark | undefined {
  if (added.has(id)) return 'added'
  if (changed.has(id)) return 'changed'
  return removed.has(id) ? 'removed' : undefined
}
