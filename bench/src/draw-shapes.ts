import { Doc, encodeStateAsUpdate, Map as YMap } from 'yjs'

/** How many shapes are drawn between two checks of the size. */
const STEP_SHAPES = 500

/** A board as a whiteboard has it: shapes with some properties each, by 40 people. */
export function drawShapes(atLeastBytes: number, stepShapes = STEP_SHAPES): Doc {
  const doc = new Doc()
  const shapes = doc.getMap<YMap<unknown>>('shapes')
  for (let id = 0, bytes = 0; bytes < atLeastBytes; ) {
    doc.clientID = 1_000_000 + (id % 40) * 7_919
    doc.transact(() => {
      for (let i = 0; i < stepShapes; i++, id++) {
        const properties = { kind: 'rectangle', x: id * 1.25, y: id / 3, color: '#1d9bf0' }
        shapes.set(`shape-${id}`, new YMap(Object.entries(properties)))
      }
    })
    bytes = encodeStateAsUpdate(doc).length
  }
  return doc
}
