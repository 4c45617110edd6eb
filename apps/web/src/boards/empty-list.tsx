import { useMessages } from '../language/language.ts'

/** In place of a list without boards. */
export function EmptyList({
  isFiltered,
  onShowAll,
  onCreate,
}: {
  /** Whether a search leaves others out. */
  isFiltered: boolean
  onShowAll: () => void
  /** Undefined for who may create none. */
  onCreate: (() => void) | undefined
}) {
  const { text } = useMessages()
  return (
    <div className="empty-state">
      <p>{text(isFiltered ? 'boards.noMatch' : 'boards.empty')}</p>
      {isFiltered ? (
        <button type="button" onClick={onShowAll}>
          {text('boards.clearSearch')}
        </button>
      ) : (
        onCreate && (
          <button type="button" className="primary" onClick={onCreate}>
            {text('boards.createFirst')}
          </button>
        )
      )}
    </div>
  )
}
