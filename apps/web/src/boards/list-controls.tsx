import { useCallback, useRef } from 'react'
import { useShortcut } from '../app/use-shortcut.ts'
import { useMessages } from '../language/language.ts'
import { Icon } from '../ui/icon.tsx'
import { Select } from '../ui/select.tsx'
import { type ListQuery, SHOWN, SORTS } from './list-query.ts'

/** What a list shows, and in which order. The slash key leads to the search. */
export function ListControls({
  query,
  onChange,
}: {
  query: ListQuery
  onChange: (change: Partial<ListQuery>) => void
}) {
  const { text } = useMessages()
  const search = useRef<HTMLInputElement>(null)
  useShortcut(
    'Slash',
    useCallback(() => search.current?.focus(), []),
  )
  return (
    <search className="list-controls">
      <span className="search-field">
        <Icon name="search" />
        <input
          ref={search}
          type="search"
          aria-label={text('boards.search')}
          placeholder={text('boards.search')}
          aria-keyshortcuts="/"
          value={query.q}
          onChange={(event) => onChange({ q: event.target.value })}
        />
      </span>
      <Select
        label={text('boards.show')}
        value={query.show}
        options={SHOWN.map((value) => ({ value, label: text(`boards.show.${value}`) }))}
        onChange={(show) => onChange({ show })}
      />
      <Select
        label={text('boards.sort')}
        value={query.sort}
        options={SORTS.map((value) => ({ value, label: text(`boards.sort.${value}`) }))}
        onChange={(sort) => onChange({ sort })}
      />
    </search>
  )
}
