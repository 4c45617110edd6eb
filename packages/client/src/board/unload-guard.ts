/**
 * Makes the browser ask before the page is left while an edit is unsaved.
 *
 * @param isSaved asked at that moment
 * @param page `window`
 * @returns a function that removes the guard
 */
export function guardUnload(
  isSaved: () => boolean,
  page: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>,
): () => void {
  const ask = (event: Event) => {
    if (!isSaved()) event.preventDefault()
  }
  page.addEventListener('beforeunload', ask)
  return () => page.removeEventListener('beforeunload', ask)
}
