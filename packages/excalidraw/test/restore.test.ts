import { fileURLToPath } from 'node:url'
import { readExcalidraw, readScene, writeScene } from '@mindfuse/scene'
import { build } from 'esbuild'
import fc from 'fast-check'
import { Window } from 'happy-dom'
import { beforeAll, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { excalidrawFile, fileV1, LEGACY } from '../../scene/test/support/files.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

type Elements = readonly Record<string, unknown>[]

/** As Excalidraw itself reads the elements of a file of any version. */
let restoreElements: (elements: Elements, local: null) => Elements

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { restoreElements } from '@excalidraw/excalidraw'`,
      resolveDir: ROOT,
    },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'excalidraw',
    conditions: ['production'],
    external: ['@excalidraw/mermaid-to-excalidraw'],
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.IS_PREACT': '"false"' },
    logLevel: 'error',
  })
  const settings = {
    enableJavaScriptEvaluation: true,
    suppressInsecureJavaScriptEnvironmentWarning: true,
  }
  // A window of its own: the globals of other tests stay as they are.
  const window: any = new Window({ settings })
  window.devicePixelRatio = 1
  window.FontFace = class {}
  // It is asked what it can do when Excalidraw is loaded, and draws nothing.
  window.HTMLCanvasElement.prototype.getContext = () => ({ filter: '' })
  window.eval(`${outputFiles[0]?.text}; window.restoreElements = excalidraw.restoreElements`)
  restoreElements = window.restoreElements
})

const copyOf = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value))

/**
 * Elements without what counts their changes, or is of an early version. Nothing bound is an empty list to one reader,
 * and none to the other.
 */
const plain = (elements: readonly object[]) =>
  (copyOf(elements) as any[]).map(
    ({ version, versionNonce, updated, strokeSharpness, boundElements, ...element }) => ({
      ...element,
      boundElements: boundElements ?? [],
    }),
  )

/** Excalidraw leaves out texts without a character, and strokes of one point. */
const isSeen = ({ isDeleted, type, originalText, points }: any) =>
  !isDeleted && originalText !== '' && (type !== 'freedraw' || points.length > 1)

const readByExcalidraw = (elements: Elements) =>
  plain(restoreElements(copyOf(elements), null)).filter(isSeen)

function readByScene(elements: Elements) {
  const doc = new Y.Doc()
  writeScene(doc, readExcalidraw(copyOf(fileV1(elements))), () => undefined)
  return plain(readScene(doc).elements).filter(isSeen)
}

describe('elements of a file are read as Excalidraw reads them', () => {
  test('of today', () => {
    fc.assert(
      fc.property(excalidrawFile, ({ elements }) => {
        expect(readByScene(elements)).toEqual(readByExcalidraw(elements))
      }),
      { numRuns: 100 },
    )
  })

  // Excalidraw 0.18 throws at an arrow without points, and has no height of lines for a text with `font`.
  const unread = ['an arrow without points', 'font']
  const readable = Object.entries(LEGACY).filter(([name]) => !unread.includes(name))
  test.each(readable)('of an early version: %s', (_, element) => {
    expect(readByScene([element])).toEqual(readByExcalidraw([element]))
  })
})
