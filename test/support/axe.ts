import axe from 'axe-core'
import type { Page } from 'playwright-core'

/**
 * What axe finds in a page, or a part of it, that keeps people from using it: serious and critical violations, with
 * where they are.
 */
export async function seriousViolations(page: Page, part = 'html'): Promise<string[]> {
  // Evaluated, as the content security policy of the page allows no script of elsewhere.
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<axe.AxeResults>(
    `axe.run('${part}', { resultTypes: ["violations"] })`,
  )
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}
