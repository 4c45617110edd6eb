import type { ReactNode } from 'react'

/** A list under a heading; nothing while it is empty. */
export function ListSection<Item>({
  title,
  label = title,
  items,
  children,
}: {
  title: string
  /** The name of the list, where that is not its title. */
  label?: string
  items: readonly Item[]
  /** Makes the row of an item. */
  children: (item: Item) => ReactNode
}) {
  if (items.length === 0) return null
  return (
    <section>
      <h3>{title}</h3>
      <ul className="rows" aria-label={label}>
        {items.map(children)}
      </ul>
    </section>
  )
}

/** The text of a row: what it is, and smaller below, more about it. */
export function RowText({ more, children }: { more?: ReactNode; children: ReactNode }) {
  return (
    <span className="row-text">
      <span>{children}</span>
      {more !== undefined && more !== null && <span className="hint">{more}</span>}
    </span>
  )
}
