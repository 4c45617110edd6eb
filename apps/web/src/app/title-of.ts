/** The title of the document on a page. */
export function titleOf(page: string): string {
  return page === '' ? 'Mindfuse' : `${page} – Mindfuse`
}
