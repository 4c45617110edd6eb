import type { Board } from './board.ts'

/**
 * Lets the browser ask before the page is left while anything drawn is not stored.
 *
 * @param boards the boards to look at, asked at that moment
 * @param page `window`
 * @returns a function that ends that
 */
export function guardUnload(
  boards: () => Iterable<Board>,
  page: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>,
): () => void {
  const ask = (event: Event) => {
    if ([...boards()].every(({ saved }) => saved)) return
    event.preventDefault()
  }
  page.addEventListener('beforeunload', ask)
  return () => page.removeEventListener('beforeunload', ask)
}
