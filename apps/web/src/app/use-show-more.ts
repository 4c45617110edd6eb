import { type RefObject, useEffect, useRef } from 'react'
import type { Pages } from './use-pages.ts'

/** The rows of a list by pages, and what shows more of them: the focus goes to the first that was not there. */
export function useShowMore({ value, showMore }: Pick<Pages<unknown>, 'value' | 'showMore'>): {
  rows: RefObject<HTMLUListElement>
  showMore: (() => void) | undefined
} {
  const rows = useRef<HTMLUListElement>(null)
  const shown = useRef<number>(undefined)
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows come with the value
  useEffect(() => {
    const row = shown.current === undefined ? undefined : rows.current?.children[shown.current]
    if (!(row instanceof HTMLElement)) return
    shown.current = undefined
    row.tabIndex = -1
    row.focus()
  }, [value])
  const show = () => {
    shown.current = rows.current?.children.length
    showMore?.()
  }
  return { rows, showMore: showMore && show }
}
