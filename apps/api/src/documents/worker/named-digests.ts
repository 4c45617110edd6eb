import * as Y from 'yjs'

/** Most digests of a document that are told: twice what a board may have. */
export const MAX_NAMED_DIGESTS = 20_000

const DIGEST_LENGTH = 64

/** Digits in a row. There may be more than those of a digest: `image` ends in one. What is longer is data. */
const DIGITS = /(?<![0-9a-f])[0-9a-f]{64,256}(?![0-9a-f])/gi

/**
 * The digests of assets that a document names, in lower case: whatever looks like one in a string or a key, alone
 * or within an address, wherever it is. Text counts as it reads, in however many parts it was written. More may
 * look like one than are, never fewer; null for more than {@link MAX_NAMED_DIGESTS}.
 *
 * The document is not read as JSON, which leaves out the embeds and formats of a text.
 */
export function namedDigests(doc: Y.Doc): string[] | null {
  const found = new Set<string>()
  for (const text of stringsOf(doc)) {
    if (text.length < DIGEST_LENGTH) continue
    for (const [digits] of text.matchAll(DIGITS)) {
      for (const digest of digestsIn(digits.toLowerCase())) found.add(digest)
      if (found.size > MAX_NAMED_DIGESTS) return null
    }
  }
  return [...found]
}

function* digestsIn(digits: string): Generator<string> {
  for (let end = DIGEST_LENGTH; end <= digits.length; end++) {
    yield digits.slice(end - DIGEST_LENGTH, end)
  }
}

function* stringsOf(doc: Y.Doc): Generator<string> {
  for (const [name, type] of doc.share) {
    yield name
    yield textOf(type)
  }
  for (const structs of doc.store.clients.values()) {
    for (const struct of structs) {
      if (!(struct instanceof Y.Item) || struct.deleted) continue
      if (struct.parentSub !== null) yield struct.parentSub
      yield* stringsIn(struct.content)
    }
  }
}

function* stringsIn(content: Y.Item['content']): Generator<string> {
  // Strings are read with the text that they are a part of.
  if (content instanceof Y.ContentString) return
  if (content instanceof Y.ContentType) {
    yield textOf(content.type)
    if (content.type instanceof Y.XmlElement) yield content.type.nodeName
    if (content.type instanceof Y.XmlHook) yield content.type.hookName
  } else if (content instanceof Y.ContentDoc) {
    yield content.doc.guid
    yield* stringsOfValues([content.doc.meta])
  } else if (content instanceof Y.ContentFormat) {
    yield* stringsOfValues([content.key, content.value])
  } else {
    yield* stringsOfValues([...content.getContent()])
  }
}

/** Nothing recurses, since values may nest deeper than the stack. */
function* stringsOfValues(open: unknown[]): Generator<string> {
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value === 'string') yield value
    else if (Array.isArray(value)) for (const item of value) open.push(item)
    else if (value !== null && typeof value === 'object' && !(value instanceof Uint8Array)) {
      for (const [key, item] of Object.entries(value)) open.push(key, item)
    }
  }
}

/** What a list of items has as text; empty for one of something else. */
function textOf(type: Pick<Y.AbstractType<unknown>, '_start'>): string {
  const parts: string[] = []
  for (let item = type._start; item; item = item.right) {
    if (item.deleted) continue
    if (item.content instanceof Y.ContentString) parts.push(item.content.str)
    // Formats are no part of the text, and do not divide it.
    else if (item.countable) parts.push(' ')
  }
  return parts.join('')
}
