import * as Y from 'yjs'

/** A document's shared types by name, as JSON; see {@link documentToPlain}. */
export function documentToJson(doc: Y.Doc): string {
  return JSON.stringify(documentToPlain(doc), (_, value: unknown) => {
    if (typeof value === 'bigint') return value.toString()
    if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
    return value
  })
}

/**
 * A document's shared types by name, each as its `toJSON` has it: a map as an object, an array as an
 * array, text as a string, XML as markup. What kind a type is stands nowhere in a document, so it is
 * distinguished from what is in it.
 */
export function documentToPlain(doc: Y.Doc): Record<string, unknown> {
  const names = [...doc.share.keys()].sort()
  return Object.fromEntries(names.map((name) => [name, rootType(doc, name).toJSON()]))
}

/** The shared type of this name, as the kind that its content shows. */
export function rootType(doc: Y.Doc, name: string) {
  const type = doc.share.get(name)
  const isTyped: boolean = type?.constructor !== Y.AbstractType
  if (type && isTyped) return type
  for (let item = type?._start ?? null; item; item = item.right) {
    const { content } = item
    if (
      content instanceof Y.ContentString ||
      content instanceof Y.ContentFormat ||
      content instanceof Y.ContentEmbed
    ) {
      return doc.getText(name)
    }
    if (content instanceof Y.ContentType) {
      const isXml = content.type instanceof Y.XmlElement || content.type instanceof Y.XmlText
      return isXml ? doc.getXmlFragment(name) : doc.getArray(name)
    }
    if (!item.deleted) return doc.getArray(name)
  }
  return type && type._map.size > 0 && !type._start ? doc.getMap(name) : doc.getArray(name)
}
