import type { Board, Reply } from '@mindfuse/client'
import { useCallback, useEffect, useState } from 'react'
import type { App } from '../app/app.ts'
import { type PageQuery, usePages } from '../app/use-pages.ts'
import { useShowMore } from '../app/use-show-more.ts'
import { useMessages } from '../language/language.ts'
import { Avatar } from '../ui/avatar.tsx'
import { ErrorText } from '../ui/error-text.tsx'
import { Select } from '../ui/select.tsx'
import { personText } from './version-text.ts'

type Item = Reply<'GET /api/boards/{boardId}/history'>['items'][number]

/** Those who changed a board, as far as it was read. */
type People = ReadonlyMap<string, string | null>

/** Who changed a board when, of all or of one person. */
export function Activity({ app, board }: { app: App; board: Board }) {
  const messages = useMessages()
  const { text } = messages
  const [person, setPerson] = useState('')
  const { boards } = app.client.api
  const read = useCallback(
    (query: PageQuery) =>
      boards.history(board.id, { ...query, ...(person !== '' && { userId: person }) }),
    [boards, board.id, person],
  )
  const pages = usePages(read, undefined)
  const { value: items, error, reload } = pages
  const { rows, showMore } = useShowMore(pages)
  useReloadOnEdits(board, reload)
  const people = usePeople(items)
  return (
    <section>
      <div className="section-header">
        <h2>{text('history.title')}</h2>
        <span className="spacer" />
        {people.size > 1 && (
          <Select
            label={text('history.person')}
            value={person}
            options={[
              { value: '', label: text('history.everyone') },
              ...[...people].map(([value, name]) => ({ value, label: personText(name, messages) })),
            ]}
            onChange={setPerson}
          />
        )}
      </div>
      <ErrorText error={error} />
      <ul ref={rows} className="rows" aria-label={text('history.title')}>
        {items?.map((item) => (
          <ActivityRow key={`${item.startedAt} ${item.userId}`} item={item} />
        ))}
      </ul>
      {items?.length === 0 && <p className="hint">{text('history.none')}</p>}
      {showMore && (
        <button type="button" onClick={showMore}>
          {text('boards.more')}
        </button>
      )}
    </section>
  )
}

function ActivityRow({ item: { lastAt, userId, name, updates } }: { item: Item }) {
  const messages = useMessages()
  const { text, ago } = messages
  const shown = personText(name, messages)
  return (
    <li>
      <Avatar person={{ id: userId, name: shown }} />
      <span className="row-text">
        <span>
          <bdi>{shown}</bdi>
        </span>
        <span className="hint">
          <time dateTime={lastAt} title={new Date(lastAt).toLocaleString()}>
            {ago(lastAt)}
          </time>
          {' · '}
          {text('history.edits', { count: updates })}
        </span>
      </span>
    </li>
  )
}

/** Reads again what was stored meanwhile, once nothing has come for a while. */
function useReloadOnEdits(board: Board, reload: () => void): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const { doc } = board
    const onUpdate = () => {
      clearTimeout(timer)
      timer = setTimeout(reload, QUIET_MS)
    }
    doc.on('update', onUpdate)
    return () => {
      clearTimeout(timer)
      doc.off('update', onUpdate)
    }
  }, [board, reload])
}

/** Longer than edits take to be stored, milliseconds. */
const QUIET_MS = 3_000

/** Everyone who was in the list so far: one who is filtered out is still a choice. */
function usePeople(items: readonly Item[] | undefined): People {
  const [people, setPeople] = useState<People>(new Map())
  useEffect(() => {
    const found = (items ?? []).map(({ userId, name }) => [userId, name] as const)
    if (found.length > 0) setPeople((known) => new Map([...known, ...found]))
  }, [items])
  return people
}
