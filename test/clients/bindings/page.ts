/** Where an editor is put. */
export function editorElement(): HTMLElement {
  const element = document.querySelector<HTMLElement>('#editor')
  if (!element) throw new Error('the page has no place for an editor')
  return element
}

/** The texts of the elements that a selector finds: what a user sees of others' cursors. */
export function textsOf(selector: string): string[] {
  return [...document.querySelectorAll(selector)].map(({ textContent }) =>
    // Without the characters of no width that keep cursors upright.
    (textContent ?? '').replace(/[\s\u2060\ufeff\u200b]+/g, ''),
  )
}
