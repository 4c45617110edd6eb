/** Characters that XML writes in another way. */
const ENTITIES: Record<string, string> = { amp: '&', apos: "'", gt: '>', lt: '<', quot: '"' }

/** An object of a {@link readListing}. */
export interface ListedObject {
  key: string
  writtenAt: Date
}

/** The text of the first element `name`; undefined where there is none, or one with elements in it. */
export function tagOf(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]
  return text?.replace(/&(\w+);/g, (whole, entity) => ENTITIES[entity] ?? whole)
}

/** Reads an answer of ListObjectsV2. */
export function readListing(xml: string): { objects: ListedObject[]; next: string | undefined } {
  const entries = xml.match(/<Contents>.*?<\/Contents>/gs) ?? []
  const objects = entries.flatMap((entry) => {
    const key = tagOf(entry, 'Key')
    const writtenAt = new Date(tagOf(entry, 'LastModified') ?? '')
    return key === undefined || Number.isNaN(writtenAt.getTime()) ? [] : [{ key, writtenAt }]
  })
  return { objects, next: tagOf(xml, 'NextContinuationToken') }
}
