import * as Y from 'yjs'
import { rootType } from './root-type.ts'

/** Most characters of a string that are escaped at a time: escapes take up to six each. */
const SLICE_LENGTH = 32 * 1024

/** Length from which pieces are joined into a chunk, characters. */
const CHUNK_LENGTH = 64 * 1024

/** A type as a list of items. */
type List = Pick<Y.AbstractType<unknown>, '_start'>

/** What a container writes: text, or the frame of something inside it. */
type Frame = Iterator<string | Frame>

/**
 * A document's shared types by name as UTF-8 JSON, in chunks: the whole may be several times the
 * memory of the document. Each type is written as its `toJSON` has it: a map as an object, an array
 * as an array, text as a string, XML as markup. Nothing recurses, since a document may nest deeper
 * than the stack.
 */
export function* jsonChunks(doc: Y.Doc): Generator<Uint8Array> {
  const encoder = new TextEncoder()
  let text = ''
  for (const piece of jsonPieces(doc)) {
    text += piece
    if (text.length < CHUNK_LENGTH) continue
    yield encoder.encode(text)
    text = ''
  }
  if (text !== '') yield encoder.encode(text)
}

function* jsonPieces(doc: Y.Doc): Generator<string> {
  const names = [...doc.share.keys()].sort()
  const open: Frame[] = [objectOf(names.map((name) => [name, rootType(doc, name)]))]
  for (let frame = open.at(-1); frame; frame = open.at(-1)) {
    const { done, value } = frame.next()
    if (done) open.pop()
    else if (typeof value === 'string') yield value
    else open.push(value)
  }
}

function writtenOf(value: unknown): string | Frame {
  if (value instanceof Y.XmlText || value instanceof Y.XmlFragment) return quoted(xmlOf(value))
  if (value instanceof Y.Text) return quoted(textOf(value))
  if (value instanceof Y.Map) return objectOf(entriesOf(value))
  if (value instanceof Y.AbstractType) return arrayOf(itemsOf(value))
  if (typeof value === 'string') return quoted(slicesOf(value))
  if (typeof value === 'bigint') return `"${value}"`
  if (value instanceof Uint8Array) return quoted(base64Of(value))
  if (Array.isArray(value)) return arrayOf(value)
  // A document inside a document is stored apart from it.
  if (value instanceof Y.Doc) return '{}'
  if (value instanceof Object) return objectOf(Object.entries(value))
  return JSON.stringify(value) ?? 'null'
}

function* objectOf(entries: Iterable<readonly [string, unknown]>): Generator<string | Frame> {
  let separator = '{'
  for (const [key, value] of entries) {
    if (value === undefined) continue
    yield separator
    yield quoted(slicesOf(key))
    yield ':'
    yield writtenOf(value)
    separator = ','
  }
  yield separator === '{' ? '{}' : '}'
}

function* arrayOf(values: Iterable<unknown>): Generator<string | Frame> {
  let separator = '['
  for (const value of values) {
    yield separator
    yield writtenOf(value)
    separator = ','
  }
  yield separator === '[' ? '[]' : ']'
}

/** A JSON string of what a frame writes. */
function* quoted(pieces: Frame): Generator<string | Frame> {
  yield '"'
  yield escaped(pieces)
  yield '"'
}

function* escaped(pieces: Frame): Generator<string | Frame> {
  for (;;) {
    const { done, value } = pieces.next()
    if (done) return
    yield typeof value === 'string' ? JSON.stringify(value).slice(1, -1) : escaped(value)
  }
}

function* slicesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length; from += SLICE_LENGTH) {
    yield text.slice(from, from + SLICE_LENGTH)
  }
}

/** In slices of whole groups of three bytes. */
function* base64Of(bytes: Uint8Array): Generator<string> {
  for (let from = 0; from < bytes.length; from += 3 * SLICE_LENGTH) {
    yield Buffer.from(bytes.subarray(from, from + 3 * SLICE_LENGTH)).toString('base64')
  }
}

/** The items of a list that are there. */
function* contentsOf(type: List) {
  for (let item = type._start; item; item = item.right) {
    if (!item.deleted && item.countable) yield item.content
  }
}

function* itemsOf(type: List): Generator<unknown> {
  for (const content of contentsOf(type)) yield* content.getContent()
}

function* entriesOf(map: Y.Map<unknown>): Generator<[string, unknown]> {
  for (const [key, item] of map._map) {
    if (!item.deleted) yield [key, item.content.getContent()[item.length - 1]]
  }
}

function* textOf(text: List): Generator<string> {
  for (const content of contentsOf(text)) {
    if (content instanceof Y.ContentString) yield* slicesOf(content.str)
  }
}

/** Markup, as `toString` of the type has it. */
function* xmlOf(type: unknown): Generator<string | Frame> {
  if (type instanceof Y.XmlText) {
    yield* markedUp(type)
  } else if (type instanceof Y.XmlFragment) {
    const name = type instanceof Y.XmlElement ? type.nodeName.toLowerCase() : undefined
    if (name !== undefined) yield* startTag(name, attributesOf(type))
    for (const child of itemsOf(type)) yield xmlOf(child)
    if (name !== undefined) yield `</${name}>`
  } else {
    yield* slicesOf(String(type))
  }
}

function* markedUp(text: Y.XmlText): Generator<string | Frame> {
  // One operation for each run of the same attributes.
  for (const { insert, attributes = {} } of text.toDelta()) {
    const names = Object.keys(attributes).sort()
    for (const name of names) {
      yield* startTag(name, new Map(Object.entries(attributes[name] ?? {})))
    }
    yield xmlOf(insert)
    for (const name of names.reverse()) yield `</${name}>`
  }
}

function* startTag(name: string, attributes: Map<string, unknown>): Generator<string> {
  yield `<${name}`
  for (const key of [...attributes.keys()].sort()) {
    yield* slicesOf(` ${key}="${attributes.get(key)}"`)
  }
  yield '>'
}

function attributesOf(element: Pick<Y.XmlElement, '_map'>): Map<string, unknown> {
  const attributes = new Map<string, unknown>()
  for (const [key, item] of element._map) {
    if (!item.deleted) attributes.set(key, item.content.getContent()[item.length - 1])
  }
  return attributes
}
