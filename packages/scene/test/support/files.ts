import fc from 'fast-check'
import type { SceneElement } from '../../src/index.ts'
import { sceneOf } from './elements.ts'

/** One pixel, as a PNG. */
export const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

const picture = (id: string) => ({
  id,
  mimeType: 'image/png',
  dataURL: `data:image/png;base64,${PIXEL}`,
  created: 1_700_000_000_000,
  lastRetrieved: 1_700_000_000_001,
})

/** A file as Excalidraw writes it now, with what it writes and a scene does not hold. */
export const excalidrawFile = sceneOf.map((elements) => ({
  type: 'excalidraw',
  version: 2,
  source: 'https://excalidraw.com',
  elements: [
    ...elements.map((element, i) => ({
      ...element,
      version: i + 2,
      versionNonce: 1000 + i,
      updated: 1_700_000_000_000 + i,
    })),
    { id: 'gone', type: 'rectangle', x: 0, y: 0, isDeleted: true },
  ],
  appState: { gridSize: 20, gridStep: 5, viewBackgroundColor: '#f8f9fa' },
  files: { 'file-1': picture('file-1'), 'file-9': picture('file-9') },
}))

/** Elements as early versions wrote them, by what is old about them. */
export const LEGACY = {
  draw: {
    id: 'draw',
    type: 'draw',
    x: 5,
    y: 5,
    width: 9,
    height: 9,
    points: [
      [0, 0],
      [9, 9],
    ],
  },
  'an arrow without points': { id: 'arrow', type: 'arrow', x: 1, y: 2, width: 30, height: -40 },
  'points that begin elsewhere': {
    id: 'line',
    type: 'line',
    x: 1,
    y: 2,
    points: [
      [3, 4],
      [5, 6],
    ],
  },
  font: {
    id: 'text',
    type: 'text',
    x: 0,
    y: 0,
    width: 50,
    height: 25,
    font: '20px Virgil',
    text: 'Hi',
  },
  strokeSharpness: {
    id: 'box',
    type: 'rectangle',
    x: 0,
    y: 0,
    width: 5,
    height: 5,
    strokeSharpness: 'round',
  },
  'a negative size': { id: 'box', type: 'ellipse', x: 10, y: 10, width: -5, height: -6 },
  'two lines without lineHeight': {
    id: 'text',
    type: 'text',
    x: 0,
    y: 0,
    width: 50,
    height: 48,
    fontSize: 20,
    fontFamily: 3,
    text: 'a\nb',
  },
} as const

/** The first version of the file. */
export const fileV1 = (elements: readonly unknown[]) => ({
  type: 'excalidraw',
  version: 1,
  source: 'https://excalidraw.com',
  elements,
})

/** Libraries of both versions of the same items. */
export const libraries = fc
  .array(
    sceneOf.filter((elements) => elements.length > 0),
    { maxLength: 4 },
  )
  .map((items) => ({
    items,
    v1: { type: 'excalidrawlib', version: 1, library: items },
    v2: {
      type: 'excalidrawlib',
      version: 2,
      source: 'https://excalidraw.com',
      libraryItems: items.map((elements, i) => ({
        id: `item ${i}`,
        status: 'published',
        name: `Item ${i}`,
        created: 1_700_000_000_000,
        elements,
      })),
    },
  }))

/** So many strokes of 200 points each: about 9 KB a stroke as JSON. */
export const strokes = (count: number): Partial<SceneElement>[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `stroke ${i}`,
    type: 'freedraw' as const,
    x: i * 10.5,
    y: i * 3.25,
    width: 199,
    height: 60,
    points: Array.from(
      { length: 200 },
      (_, n) => [n + 0.123 * i, 30 * Math.sin(n / 9 + i)] as const,
    ),
    pressures: [],
    simulatePressure: true,
  }))
