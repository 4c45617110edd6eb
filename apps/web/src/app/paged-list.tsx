import type { ReactNode } from 'react'
import { useMessages } from '../language/language.ts'
import { ErrorText } from '../ui/error-text.tsx'
import { SkeletonRows } from '../ui/skeleton-rows.tsx'
import type { Pages } from './use-pages.ts'
import { useShowMore } from './use-show-more.ts'

/** A list of rows, as far as it is read, with what is in its place until then. */
export function PagedList<Item>({
  label,
  empty,
  pages,
  children,
}: {
  label: string
  /** What is said of a list without items; nothing by default. */
  empty?: string
  pages: Pages<Item>
  /** Makes the row of an item. */
  children: (item: Item) => ReactNode
}) {
  const { text } = useMessages()
  const { value, error } = pages
  const { rows, showMore } = useShowMore(pages)
  return (
    <>
      <ErrorText error={error} />
      {value && value.length > 0 && (
        <ul ref={rows} className="rows" aria-label={label}>
          {value.map(children)}
        </ul>
      )}
      {value?.length === 0 && empty !== undefined && <p className="hint">{empty}</p>}
      {!value && error === undefined && <SkeletonRows />}
      {showMore && (
        <button type="button" onClick={showMore}>
          {text('boards.more')}
        </button>
      )}
    </>
  )
}
