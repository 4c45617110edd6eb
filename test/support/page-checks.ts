import type { Page } from 'playwright-core'

/** How long each answer of the API is held back, milliseconds: long enough for a page to be painted without it. */
const ANSWER_DELAY_MS = 250

/** Holds back the answers of the API, as a far network does. */
export async function slowDown(page: Page): Promise<void> {
  await page.route('**/api/**', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, ANSWER_DELAY_MS))
    // The page may have been left.
    await route.continue().catch(() => undefined)
  })
}

/** Counts layout shifts from the next page on. Strings, here and below: this project has no DOM types. */
export async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(`
    globalThis.layoutShifts = []
    new PerformanceObserver((list) => {
      for (const { hadRecentInput, value, sources } of list.getEntries()) {
        const nodes = sources.map(({ node }) => node?.outerHTML?.slice(0, 200) ?? node?.textContent)
        if (!hadRecentInput) layoutShifts.push({ value, nodes })
      }
    }).observe({ type: 'layout-shift', buffered: true })`)
}

/** How much of the page moved while it was loaded, as {@link watchShifts} saw it, and what. */
export async function shiftsOf(page: Page): Promise<{ sum: number; moved: string[] }> {
  const shifts = await page.evaluate<{ value: number; nodes: string[] }[]>('layoutShifts')
  return {
    sum: shifts.reduce((sum, { value }) => sum + value, 0),
    moved: shifts.map(({ value, nodes }) => `${value.toFixed(4)} ${nodes.join(' | ')}`),
  }
}

/**
 * The texts with letters from right to left whose direction is not their own: neither in a `<bdi>`, nor with `dir`, nor
 * between isolates. Beside such letters digits and brackets would change places with what is not part of the name.
 */
export function unisolatedNames(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const RIGHT_TO_LEFT = /[\\u0590-\\u08ff]/
    const ISOLATED = /\\u2068[^\\u2069]*\\u2069/g
    const found = []
    const isBare = (text) => RIGHT_TO_LEFT.test(text.replace(ISOLATED, ''))
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const { data, parentElement } = walker.currentNode
      if (parentElement.closest('bdi, [dir=auto], script, style, .excalidraw')) continue
      if (isBare(data)) found.push(parentElement.outerHTML.slice(0, 200))
    }
    for (const name of document.querySelectorAll('bdi')) {
      // As a block of its own, a name is at the other side of its place.
      const range = document.createRange()
      range.selectNodeContents(name)
      const isWide = name.getBoundingClientRect().width > range.getBoundingClientRect().width + 1
      if (isWide && RIGHT_TO_LEFT.test(name.textContent)) found.push('a block: ' + name.outerHTML)
      // What has a name and more begins as the text around it does.
      if (/\u2068/.test(name.textContent)) found.push('two names: ' + name.outerHTML)
    }
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]')) {
      if (element.closest('.excalidraw')) continue
      for (const name of ['aria-label', 'title', 'placeholder']) {
        const text = element.getAttribute(name) ?? ''
        // A name alone has its own direction.
        if (isBare(text) && /[a-z]/i.test(text)) found.push(name + '=' + text)
      }
    }
    for (const input of document.querySelectorAll('input:not([dir=auto])')) {
      if (isBare(input.value)) found.push(input.outerHTML.slice(0, 200))
    }
    return found
  })()`)
}
