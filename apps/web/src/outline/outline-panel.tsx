import type { ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'
import type { Board } from '@mindfuse/client'
import {
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { showElement } from '../board/element-links.ts'
import { useMessages } from '../language/language.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { entryName } from './entry-name.ts'
import { outlineRows, rowAfterKey, rowOf } from './outline-rows.ts'
import { useOutline } from './use-outline.ts'

/** Of a row, as the stylesheet has it, pixels. */
const ROW_PX = 36

/** Rows that are rendered above and below those that are seen. */
const MARGIN_ROWS = 10

/** A list of what is on a board, for those who do not see it or use no pointer. It has the focus once it is there. */
export function OutlinePanel({
  board,
  api,
  tree,
  onClose,
}: {
  board: Board
  api: ExcalidrawImperativeAPI
  /** What has the focus in it. */
  tree: RefObject<HTMLDivElement>
  onClose: () => void
}) {
  const messages = useMessages()
  const { text } = messages
  const entries = useOutline(board)
  const rows = useMemo(() => outlineRows(entries), [entries])
  const byId = useMemo(() => new Map(entries.map((entry) => [entry.element.id, entry])), [entries])
  const selected = useSelection(api)
  const [active, setActive] = useState({ id: firstOf(selected), at: 0 })
  const at = rowOf(active.id, active.at, rows)
  const { seen, reveal } = useSeenRows(tree, at, rows.length)
  useEffect(() => tree.current?.focus(), [tree])

  const goTo = (next: number) => {
    setActive({ id: rows[next]?.entry.element.id, at: next })
    reveal(next)
  }
  const show = (index: number) => {
    const id = rows[index]?.entry.element.id
    if (id !== undefined) showElement(api, id)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' || event.key === ' ') show(at)
    else {
      const next = rowAfterKey(event.key, at, rows, Math.max(1, seen.count - 1))
      if (next === undefined) return
      goTo(next)
    }
    event.preventDefault()
  }
  const shown = rows.flatMap((row, index) =>
    index === at || (index >= seen.first && index < seen.first + seen.count)
      ? [{ ...row, index, id: row.entry.element.id }]
      : [],
  )
  return (
    <section
      className="outline"
      aria-labelledby="outline-title"
      onKeyDown={({ key }) => key === 'Escape' && onClose()}
    >
      <header>
        <h2 id="outline-title">{text('outline.title')}</h2>
        <span className="hint">{text('outline.count', { count: rows.length })}</span>
        <IconButton icon="close" label={text('action.close')} onClick={onClose} />
      </header>
      <div
        ref={tree}
        role="tree"
        tabIndex={0}
        aria-labelledby="outline-title"
        aria-activedescendant={rows.length > 0 ? rowId(rows[at]?.entry.element.id) : undefined}
        onKeyDown={onKeyDown}
      >
        <div className="outline-rows" role="none" style={{ height: rows.length * ROW_PX }}>
          {shown.map(({ id, entry, level, position, count, index }) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the tree, which has the focus
            <div
              key={id}
              id={rowId(id)}
              className="outline-row"
              role="treeitem"
              tabIndex={-1}
              aria-level={level}
              aria-posinset={position}
              aria-setsize={count}
              aria-selected={selected[id] === true}
              data-active={index === at || undefined}
              style={{ top: index * ROW_PX }}
              onClick={() => {
                goTo(index)
                show(index)
              }}
            >
              {entryName(entry, (other) => byId.get(other), messages)}
            </div>
          ))}
        </div>
      </div>
    </section>
  )
}

const rowId = (id = '') => `outline-${encodeURIComponent(id)}`

const firstOf = (selected: Readonly<Record<string, true>>): string | undefined =>
  Object.keys(selected)[0]

/** What is selected on the board. */
function useSelection(api: ExcalidrawImperativeAPI): Readonly<Record<string, true>> {
  const [selected, setSelected] = useState(api.getAppState().selectedElementIds)
  useEffect(() => api.onChange((_, state) => setSelected(state.selectedElementIds)), [api])
  return selected
}

/** Which rows are seen; keeps the active one where it is, as others change what is above it. */
function useSeenRows(
  tree: RefObject<HTMLDivElement>,
  at: number,
  count: number,
): { seen: { first: number; count: number }; reveal: (index: number) => void } {
  const [view, setView] = useState({ top: 0, height: 0 })
  const before = useRef(at)
  useEffect(() => {
    const element = tree.current
    if (!element) return
    const read = () => setView({ top: element.scrollTop, height: element.clientHeight })
    const observer = new ResizeObserver(read)
    observer.observe(element)
    element.addEventListener('scroll', read)
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', read)
    }
  }, [tree])
  // biome-ignore lint/correctness/useExhaustiveDependencies: once the rows are there
  useLayoutEffect(() => {
    const element = tree.current
    if (element) element.scrollTop += (at - before.current) * ROW_PX
    before.current = at
  }, [tree, at, count])
  return {
    seen: {
      first: Math.floor(view.top / ROW_PX) - MARGIN_ROWS,
      count: Math.ceil(view.height / ROW_PX) + 2 * MARGIN_ROWS,
    },
    reveal(index) {
      const element = tree.current
      if (!element) return
      before.current = index
      const [start, end] = [index * ROW_PX, (index + 1) * ROW_PX]
      if (start < element.scrollTop) element.scrollTop = start
      else if (end > element.scrollTop + element.clientHeight) {
        element.scrollTop = end - element.clientHeight
      }
    },
  }
}
