import { PIXEL } from './files.ts'

type Props = Record<string, unknown>

/** A shape as tldraw keeps it. */
export function shape(id: string, type: string, props: Props = {}, more: Props = {}) {
  return {
    id: `shape:${id}`,
    typeName: 'shape',
    type,
    parentId: 'page:1',
    index: 'a1',
    x: 0,
    y: 0,
    rotation: 0,
    isLocked: false,
    opacity: 1,
    meta: {},
    props,
    ...more,
  }
}

export const page = (id: string, index = 'a1') => ({
  id: `page:${id}`,
  typeName: 'page',
  name: id,
  index,
  meta: {},
})

export const binding = (
  arrow: string,
  to: string,
  terminal: 'start' | 'end',
  anchor = { x: 0.5, y: 0.5 },
) => ({
  id: `binding:${arrow}-${terminal}`,
  typeName: 'binding',
  type: 'arrow',
  fromId: `shape:${arrow}`,
  toId: `shape:${to}`,
  props: { terminal, normalizedAnchor: anchor, isExact: false, isPrecise: false, snap: 'none' },
  meta: {},
})

/** A picture that is in the file. */
export const imageAsset = (id: string, src = `data:image/png;base64,${PIXEL}`) => ({
  id: `asset:${id}`,
  typeName: 'asset',
  type: 'image',
  props: { name: `${id}.png`, src, w: 400, h: 200, mimeType: 'image/png', isAnimated: false },
  meta: {},
})

export const richText = (...paragraphs: string[]) => ({
  type: 'doc',
  content: paragraphs.map((text) => ({
    type: 'paragraph',
    content: text === '' ? [] : [{ type: 'text', text }],
  })),
})

/** The content of a `.tldr` file. */
export const tldrFile = (...records: object[]) => ({
  tldrawFileFormatVersion: 1,
  schema: { schemaVersion: 2, sequences: {} },
  records: [
    { id: 'document:document', typeName: 'document', name: '', gridSize: 10 },
    page('1'),
    ...records,
  ],
})

/** The same as `getSnapshot` answers it, now and before. */
export const snapshots = ({ records, schema }: ReturnType<typeof tldrFile>) => {
  const store = Object.fromEntries(records.map((record) => [(record as { id: string }).id, record]))
  return [
    { document: { store, schema }, session: {} },
    { store, schema },
  ]
}

/** Bytes of floats of 32 bits and then of 16 as base64, little-endian, for values that 16 bits hold exactly. */
export function encodeFloats(full: number[], half: number[]): string {
  const bytes = Buffer.alloc(full.length * 4 + half.length * 2)
  for (const [i, value] of full.entries()) bytes.writeFloatLE(value, i * 4)
  for (const [i, value] of half.entries())
    bytes.writeUInt16LE(toHalf(value), full.length * 4 + i * 2)
  return bytes.toString('base64')
}

function toHalf(value: number): number {
  if (value === 0) return 0
  const exponent = Math.floor(Math.log2(Math.abs(value)))
  const fraction = (Math.abs(value) / 2 ** exponent - 1) * 1024
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | fraction
}
