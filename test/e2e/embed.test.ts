import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { test as base } from '../support/fixtures.ts'
import { pickPort } from '../support/ports.ts'
import { startProcess } from '../support/process.ts'

const executable = await findChromium()

const test = base
  .extend('port', { scope: 'file' }, () => pickPort())
  .extend('stackOptions', { scope: 'file' }, ({ port }) => ({
    webOrigins: [`http://localhost:${port}`] as [string],
  }))
  /** The example with a key of Ada's team, and what revokes that. */
  .extend('product', async ({ as, ada, stack, port, atEnd }) => {
    const { body: workspace } = await as(ada, '/api/workspaces', { body: { name: 'Product' } })
    const keys = `/api/workspaces/${workspace.id}/keys`
    const { body: made } = await as(ada, keys, {
      body: { name: 'Backend', scopes: ['boards:write', 'tokens:create'] },
    })
    const running = startProcess('examples/embed/server.mjs', {
      KEY: made.key,
      WORKSPACE: workspace.id,
      PORT: `${port}`,
      API_URL: stack.apiUrl,
      REALTIME_URL: stack.realtimeUrl,
    })
    atEnd(() => running.stop())
    const [, url = ''] = await running.untilPrinted(/Open (http:\S+)/)
    return { url, revoke: () => as(ada, `${keys}/${made.id}`, { method: 'DELETE' }) }
  })

describe.skipIf(!executable)('examples/embed', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium(executable!)
  })
  afterAll(() => browser?.close())

  const visit = async (url: string, name: string): Promise<Page> => {
    const page = await (await browser.newContext()).newPage()
    page.setDefaultTimeout(30_000)
    await page.goto(url)
    await page.getByLabel('Name').fill(name)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('online', { exact: true }).waitFor()
    return page
  }

  test('users of a product draw on its board, see each other, and are out with its key', async ({
    product,
  }) => {
    const [zoe, max] = [await visit(product.url, 'Zoë'), await visit(product.url, 'Max')]
    for (const page of [zoe, max]) {
      const people = page.getByRole('list', { name: 'People' })
      await people.getByText('Zoë').waitFor()
      await people.getByText('Max').waitFor()
    }
    await zoe.getByLabel('Note', { exact: true }).fill('Buy milk')
    await zoe.getByRole('button', { name: 'Add' }).click()
    await max.getByRole('list', { name: 'Notes' }).getByText('Buy milk').waitFor()
    // No page has the key.
    for (const page of [zoe, max]) expect(await page.content()).not.toContain('mf_')

    expect((await product.revoke()).status).toBe(204)
    for (const page of [zoe, max]) await page.getByText(/^(offline|denied)$/).waitFor()
  })
})
