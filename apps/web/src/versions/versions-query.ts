/** The present board, in place of the id of a version. */
export const NOW = 'now'

/** What the address of a board's versions asks for. */
export interface VersionsQuery {
  /** What is looked at: the id of a version, or {@link NOW}. */
  look: string
  /** What it is compared with; undefined without. */
  with: string | undefined
}

export function readVersionsQuery(search: string): VersionsQuery {
  const query = new URLSearchParams(search)
  return { look: query.get('look') || NOW, with: query.get('with') || undefined }
}

/** The inverse of {@link readVersionsQuery}. */
export function writeVersionsQuery({ look, with: other }: VersionsQuery): string {
  const query = new URLSearchParams()
  if (look !== NOW) query.set('look', look)
  if (other !== undefined) query.set('with', other)
  return query.size > 0 ? `?${query}` : ''
}
