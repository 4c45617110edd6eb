import * as Y from 'yjs'

/**
 * The shared type of this name, as the kind that its content shows: what kind a type is stands nowhere
 * in a document.
 */
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
