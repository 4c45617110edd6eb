import type BoardPage from '../pages/board-page.tsx'
import { routeOf } from './router.ts'

/** Loads the page of boards: lists do without it. */
export const loadBoardPage = () => import('../pages/board-page.tsx')

let page: typeof BoardPage | undefined

/** The page of boards, if its code has run: a lazy one is first shown without. */
export const loadedBoardPage = (): typeof page => page

/** The board that this page was opened with. */
export function boardOfPage(): string | undefined {
  const route = routeOf(location.pathname)
  return route.kind === 'board' || route.kind === 'embedded' ? route.boardId : undefined
}

/** Loads the page of boards, if that is what the address is of, and runs its code, which takes a while. */
export function preloadBoardPage(): void {
  if (boardOfPage() === undefined) return
  loadBoardPage().then(
    (loaded) => {
      page = loaded.default
    },
    // The page itself fails then, and says so.
    () => undefined,
  )
}
