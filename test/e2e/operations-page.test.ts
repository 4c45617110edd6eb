import { rm } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { makeDataDir } from '../support/data-dir.ts'
import { type ServiceProcess, startProcess } from '../support/process.ts'
import { picture, visit } from '../support/visitor.ts'

const executable = await findChromium()

describe.skipIf(!executable)('the page of operators', () => {
  let service: ServiceProcess
  let dataDir: string
  let baseUrl: string
  let browser: Browser

  beforeAll(async () => {
    dataDir = await makeDataDir()
    service = startProcess('apps/standalone/dist/main.js', {
      API_PORT: '0',
      REALTIME_PORT: '0',
      DATA_DIR: dataDir,
      ADMIN_EMAILS: 'root@example.com, Operator@example.com',
    })
    baseUrl = (await service.untilPrinted(/Open +(http:\S+)/))[1]!
    browser = await launchChromium(executable!)
  })
  afterAll(async () => {
    await browser?.close()
    await service?.stop()
    await rm(dataDir, { recursive: true, force: true })
  })

  test('shows an administrator what runs and how busy it is, and changes by itself', async () => {
    const drawing = await visit(browser, baseUrl, 'ada@example.com')
    await drawing.page.getByRole('button', { name: 'New board' }).click()
    await drawing.isTold('Saved')

    const { page, complaints, context } = await visit(browser, baseUrl, 'operator@example.com')
    await page.getByRole('button', { name: 'Account' }).click()
    await page.getByRole('menuitem', { name: 'Operations' }).click()
    const row = (table: string) => page.getByRole('table', { name: table }).locator('tbody tr')
    const connections = page.locator('.figures div', { hasText: 'Connections' }).locator('dd')
    await row('Gateways').filter({ hasText: 'Ready' }).waitFor()
    await row('APIs').filter({ hasText: 'Ready' }).waitFor()
    await expect.poll(() => connections.textContent()).toBe('1')
    await picture(page, 'operations')

    const reader = await drawing.context.newPage()
    await reader.goto(drawing.page.url())
    await expect.poll(() => connections.textContent()).toBe('2')
    expect(complaints).toEqual([])
    await context.close()
    await drawing.context.close()
  })

  test('is not there for anybody else', async () => {
    const { page, context } = await visit(browser, baseUrl, 'curious@example.com')
    await page.getByRole('button', { name: 'Account' }).click()
    expect(await page.getByRole('menuitem', { name: 'Operations' }).count()).toBe(0)
    await page.goto(`${baseUrl}/operations`)
    await page.getByRole('heading', { name: 'Page not found' }).waitFor()
    await context.close()
  })
})
