import { rm } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { makeDataDir } from '../support/data-dir.ts'
import { type ServiceProcess, startProcess } from '../support/process.ts'
import { picture, visit } from '../support/visitor.ts'

const executable = await findChromium()

describe.skipIf(!executable)('wrong turns in the web app', () => {
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
    })
    baseUrl = (await service.untilPrinted(/Open +(http:\S+)/))[1]!
    browser = await launchChromium(executable!)
  })
  afterAll(async () => {
    await browser?.close()
    await service?.stop()
    await rm(dataDir, { recursive: true, force: true })
  })

  const heading = (page: Page, name: string) => page.getByRole('heading', { name }).waitFor()
  const boards = (page: Page) => page.getByRole('button', { name: 'New board' }).waitFor()
  const signInAs = async (page: Page, email: string) => {
    await page.getByLabel('Email').fill(email)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  test.for([
    ['/nowhere', 404, 'Page not found'],
    ['/api/nowhere', 404, 'Page not found'],
    ['/assets/none.js', 404, 'Page not found'],
    ['/boards/1/more', 404, 'Page not found'],
    ['/boards/%E0%A4%A', 400, 'This address does not open'],
    [`/invites/${'a'.repeat(200)}`, 414, 'This address does not open'],
    ['/api/workspaces', 401, 'This address does not open'],
    ['/api/auth/google/callback', 400, 'You are not signed in'],
    ['/api/auth/google/callback?error=access_denied&state=x', 401, 'You are not signed in'],
    ['/boards/1/', 200, 'Draw together'],
    ['/invites/none', 200, 'You are invited'],
  ] as const)('%s is a page with the status %i', async ([path, status, title]) => {
    const { page, context, complaints } = await visit(browser, baseUrl, undefined)
    const response = await page.goto(baseUrl + path)
    expect(response?.status()).toBe(status)
    await heading(page, title)
    // Chromium reports the status itself; the policy and the scripts have nothing to report.
    expect(complaints.filter((text) => !text.startsWith('Failed to load resource'))).toEqual([])
    await context.close()
  })

  test('two tabs that sign in at the same time both end at their page', async () => {
    const first = await visit(browser, baseUrl, undefined)
    const second = await first.context.newPage()
    await first.page.goto(`${baseUrl}/api/auth/google?returnTo=/workspaces/1`)
    await second.goto(`${baseUrl}/api/auth/google?returnTo=/`)
    await signInAs(first.page, 'two.tabs@example.com')
    await first.page.waitForURL(`${baseUrl}/workspaces/1`)
    await signInAs(second, 'two.tabs@example.com')
    await boards(second)
    await first.context.close()
  })

  test('a sign-in that was already used goes on to the boards', async () => {
    const { page, context } = await visit(browser, baseUrl, undefined)
    let callback = ''
    page.on('request', (request) => {
      if (request.url().includes('/callback?')) callback = request.url()
    })
    await page.goto(`${baseUrl}/api/auth/google?login_hint=again@example.com`)
    await boards(page)
    expect((await page.goto(callback))?.status()).toBe(400)
    await boards(page)
    expect(page.url()).toBe(`${baseUrl}/`)

    await context.clearCookies()
    await page.goto(callback)
    await heading(page, 'You are not signed in')
    await picture(page, 'sign-in-failed')
    await page.getByRole('link', { name: 'Sign in again' }).click()
    await signInAs(page, 'again@example.com')
    await boards(page)
    await context.close()
  })

  test('a sign-in that starts at 127.0.0.1 ends at localhost', async () => {
    const { page, context } = await visit(browser, baseUrl, undefined)
    await page.goto(`${baseUrl.replace('localhost', '127.0.0.1')}/api/auth/google`)
    await signInAs(page, 'loopback@example.com')
    await boards(page)
    expect(page.url()).toBe(`${baseUrl}/`)
    await context.close()
  })
})
