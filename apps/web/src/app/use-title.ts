import { useEffect } from 'react'
import { titleOf } from './title-of.ts'

/** Names the page in the browser's tab and history. */
export function useTitle(page: string): void {
  useEffect(() => {
    document.title = titleOf(page)
  }, [page])
}
