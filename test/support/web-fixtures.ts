import { rm } from 'node:fs/promises'
import { callApi, signIn } from '@mindfuse/testing'
import type { BrowserContextOptions } from 'playwright-core'
import { test as base, expect } from 'vitest'
import { findChromium, launchChromium } from './chromium.ts'
import { makeDataDir } from './data-dir.ts'
import { startProcess } from './process.ts'
import { type Visitor, visit } from './visitor.ts'

/** Without it, tests of the web app are skipped. */
export const chromium = await findChromium()

/** A test of the web app in Chromium, on everything in one process, which its file shares. */
export const test = base
  .extend('environment', { scope: 'file' }, {} as Record<string, string>)
  .extend('service', { scope: 'file' }, async ({ environment }, { onCleanup }) => {
    const dataDir = await makeDataDir()
    const service = startProcess('apps/standalone/dist/main.js', {
      API_PORT: '0',
      REALTIME_PORT: '0',
      DATA_DIR: dataDir,
      ...environment,
    })
    onCleanup(async () => {
      await service.stop()
      await rm(dataDir, { recursive: true, force: true })
    })
    return service
  })
  .extend('baseUrl', { scope: 'file' }, async ({ service }) => {
    const [, url = ''] = await service.untilPrinted(/Open +(http:\S+)/)
    return url
  })
  .extend('gatewayUrl', { scope: 'file' }, async ({ service }) => {
    const [, url = ''] = await service.untilPrinted(/Gateway +(ws:\S+)/)
    return url
  })
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from it that nothing is needed
  .extend('browser', { scope: 'file' }, async ({}, { onCleanup }) => {
    const browser = await launchChromium(chromium ?? '')
    onCleanup(() => browser.close())
    return browser
  })
  /** What a person does without a browser. */
  .extend('remotely', { scope: 'file' }, ({ baseUrl }) => async (email: string) => {
    const { accessToken: token } = await signIn(baseUrl, email)
    return async (method: string, path: string, body?: object) => {
      const answer = await callApi(`${baseUrl}/api${path}`, { token, method, body })
      expect(answer.status).toBeLessThan(300)
      return answer.body
    }
  })
  /** Opens a browser profile, signed in if there is an email, until the test ends. */
  .extend('visit', ({ browser, baseUrl }, { onCleanup }) => {
    const visitors: Visitor[] = []
    onCleanup(async () => {
      await Promise.all(visitors.map(({ context }) => context.close()))
    })
    return async (email?: string, options?: BrowserContextOptions) => {
      const visitor = await visit(browser, baseUrl, email, options)
      visitors.push(visitor)
      return visitor
    }
  })

/** The same with settings besides the usual. */
export const testWith = (environment: Record<string, string>) =>
  test.extend('environment', { scope: 'file' }, environment)
