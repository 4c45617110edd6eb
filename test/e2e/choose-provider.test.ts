import { startIdentityProvider } from '@mindfuse/embedded'
import { resolvePort } from '@mindfuse/service-kit'
import { createTestDatabase } from '@mindfuse/testing'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { type Services, startServices } from '../support/services.ts'
import { visit } from '../support/visitor.ts'

const executable = await findChromium()

describe.skipIf(!executable)('the web app of an API with two identity providers', () => {
  const ends: (() => unknown)[] = []
  let services: Services
  let baseUrl: string

  beforeAll(async () => {
    const database = await createTestDatabase(inject('templateUrl'))
    const second = await startIdentityProvider({ port: 0 })
    ends.push(() => second.stop())
    const [api, realtime, identity] = [
      await resolvePort(0, 'localhost'),
      await resolvePort(0, 'localhost'),
      await resolvePort(0, 'localhost'),
    ]
    baseUrl = `http://localhost:${api}`
    const okta = { id: 'okta', name: 'Okta', issuer: second.issuer }
    services = await startServices({
      ...{ databaseUrl: database.url, redisUrl: inject('redisUrl') },
      ports: { api, realtime, identity },
      environment: {
        WEB_ORIGINS: baseUrl,
        OIDC_PROVIDERS: JSON.stringify([{ ...okta, clientId: 'c', clientSecret: 's' }]),
      },
    })
    ends.push(() => services.stop())
  })
  afterAll(async () => {
    for (const end of ends.reverse()) await end()
  })

  test('asks with which to sign in, and goes on to where people were', async () => {
    const browser = await launchChromium(executable!)
    ends.push(() => browser.close())
    const { page, complaints } = await visit(browser, baseUrl, undefined)
    await page.goto(`${baseUrl}/workspaces/1`)
    await page.getByRole('link', { name: 'Sign in' }).click()
    await page.getByRole('link', { name: 'Sign in with localhost:' }).waitFor()
    await page.getByRole('link', { name: 'Sign in with Okta' }).click()
    await page.waitForURL(/\/authorize\?/)
    await page.goBack()
    await page.getByRole('link', { name: 'Sign in with Okta' }).waitFor()
    expect(new URL(page.url()).search).toBe('?returnTo=%2Fworkspaces%2F1')
    // The page of a visitor without a session asks who they are, which is refused.
    expect(complaints.filter((complaint) => !/401/.test(complaint))).toEqual([])
  })
})
