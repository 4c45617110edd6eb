import { type Doc, Map as YMap } from 'yjs'
import type { Random } from './random.ts'

/** One change to a board, of a thing that only its author ever changes. */
export interface Edit {
  kind: 'add' | 'remove'
  /** Of the thing; no two edits of a run add the same. */
  id: string
  /** When it was made, by the monotonic clock, milliseconds. */
  madeAt: number
  /** Whether it was acknowledged as saved. */
  isSaved: boolean
}

/** How often an edit takes something away. */
const REMOVAL_SHARE = 0.1

/**
 * Makes one random edit, in one transaction: to a map, a list, a text, a map inside the map, or to
 * a thing that the author added before. The nested maps are shared, so that edits build on
 * what others have made, as those of the list and the text do anyway.
 *
 * @param own what the author added and did not remove yet; brought up to date
 */
export function makeEdit(doc: Doc, random: Random, id: string, own: string[]): Edit {
  if (own.length > 0 && random.chance(REMOVAL_SHARE)) {
    const [removed = ''] = own.splice(random.between(0, own.length - 1), 1)
    doc.transact(() => remove(doc, removed))
    return { kind: 'remove', id: removed, madeAt: performance.now(), isSaved: false }
  }
  doc.transact(() => add(doc, random, id))
  // A layer stays: others have put things into it.
  if (!partsOf(doc).layers.has(id)) own.push(id)
  return { kind: 'add', id, madeAt: performance.now(), isSaved: false }
}

function add(doc: Doc, random: Random, id: string): void {
  const { shapes, strokes, notes, layers } = partsOf(doc)
  const layerIds = [...layers.keys()]
  switch (random.pick(['shape', 'stroke', 'note', 'layer', 'in-layer'])) {
    case 'shape':
      shapes.set(id, { x: random.between(0, 1_000), y: random.between(0, 1_000) })
      // Which of several authors wins is for Yjs to say; all have to agree on it.
      shapes.set('contested', id)
      break
    case 'stroke':
      strokes.insert(random.between(0, strokes.length), [id])
      break
    case 'note':
      notes.insert(random.pick(noteStarts(notes.toString())), `[${id}]`)
      break
    default:
      if (layerIds.length < 5) layers.set(id, new YMap())
      else layers.get(random.pick(layerIds))?.set(id, true)
  }
}

function remove(doc: Doc, id: string): void {
  const { shapes, strokes, notes, layers } = partsOf(doc)
  const stroke = strokes.toArray().indexOf(id)
  const note = notes.toString().indexOf(`[${id}]`)
  if (shapes.has(id)) shapes.delete(id)
  else if (stroke >= 0) strokes.delete(stroke, 1)
  else if (note >= 0) notes.delete(note, id.length + 2)
  else for (const layer of layers.values()) layer.delete(id)
}

/** Where something can be put into a text without tearing a note apart. */
function noteStarts(text: string): number[] {
  const starts = [0]
  for (let end = text.indexOf(']'); end >= 0; end = text.indexOf(']', end + 1)) starts.push(end + 1)
  return starts
}

/** What edits have left in a document: the ids of all things in it. */
export function idsIn(doc: Doc): Set<string> {
  const { shapes, strokes, notes, layers } = partsOf(doc)
  return new Set([
    ...shapes.keys(),
    ...strokes,
    ...notes.toString().slice(1, -1).split(']['),
    ...layers.keys(),
    ...[...layers.values()].flatMap((layer) => [...layer.keys()]),
  ])
}

/** All that a document shows, as one text: two documents agree where it is the same. */
export function fingerprint(doc: Doc): string {
  const { shapes, strokes, notes, layers } = partsOf(doc)
  const sorted = (map: YMap<unknown>) => Object.entries(map.toJSON()).sort(byKey)
  const sortedLayers = [...layers].map(([id, layer]) => [id, sorted(layer)] as const).sort(byKey)
  return JSON.stringify([sorted(shapes), strokes.toArray(), notes.toString(), sortedLayers])
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

function partsOf(doc: Doc) {
  return {
    shapes: doc.getMap<unknown>('shapes'),
    strokes: doc.getArray<string>('strokes'),
    notes: doc.getText('notes'),
    layers: doc.getMap<YMap<unknown>>('layers'),
  }
}
