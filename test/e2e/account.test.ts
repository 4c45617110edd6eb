import { readFile } from 'node:fs/promises'
import { describe, expect } from 'vitest'
import { seriousViolations } from '../support/axe.ts'
import { cuttableLine } from '../support/cuttable-line.ts'
import { addBoard, picture } from '../support/visitor.ts'
import { chromium, test } from '../support/web-fixtures.ts'

describe.skipIf(!chromium)('an account', () => {
  test('shows its sessions, ends one, and is signed out everywhere', async ({ visit, baseUrl }) => {
    const email = 'ada.lovelace@example.com'
    const { page, complaints } = await visit(email)
    const second = await visit(email)
    const third = await visit(email)
    await page.getByRole('button', { name: 'Account' }).click()
    await page.getByRole('menuitem', { name: 'Account settings' }).click()
    await page.waitForURL(`${baseUrl}/account`)
    const sessions = page.getByRole('list', { name: 'Where you are signed in' })
    await expect.poll(() => sessions.getByRole('listitem').count()).toBe(3)
    await sessions.getByText('This browser').waitFor()
    expect(await seriousViolations(page)).toEqual([])
    await picture(page, 'account')
    await sessions.getByRole('button', { name: 'Sign out Chrome on' }).first().click()
    await expect.poll(() => sessions.getByRole('listitem').count()).toBe(2)
    const isSignedOut = ({ page }: typeof second) =>
      page.getByRole('heading', { name: 'You are signed out' }).isVisible()
    await expect
      .poll(
        async () => [await isSignedOut(second), await isSignedOut(third)].filter(Boolean).length,
      )
      .toBe(1)

    await page.getByRole('button', { name: 'Sign out everywhere' }).click()
    const asked = page.getByRole('alertdialog', { name: 'Sign out everywhere' })
    await asked.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.getByRole('link', { name: 'Sign in' }).waitFor()
    for (const other of [second, third]) {
      await other.page.getByRole('heading', { name: 'You are signed out' }).waitFor()
    }
    expect(complaints.filter((complaint) => !/status of 401/.test(complaint))).toEqual([])
  })

  test('ends no session where its user stays for what was not sent', async ({
    visit,
    baseUrl,
    gatewayUrl,
  }) => {
    const email = 'mary.somerville@example.com'
    const second = await visit(email)
    const mary = await visit(email)
    const { page, context } = mary
    const line = await cuttableLine(context, gatewayUrl)
    await page.goto(baseUrl)
    await addBoard(page, 'Kept')
    await mary.isTold('Saved')
    line.cut()
    await page.keyboard.press('r')
    await mary.drag([300, 300], [500, 400])
    await mary.isTold('Offline: saved to this device')
    await page.goto(`${baseUrl}/account`)
    const sessions = page.getByRole('list', { name: 'Where you are signed in' })
    const signOutEverywhere = async () => {
      await page.getByRole('button', { name: 'Sign out everywhere' }).click()
      const asked = page.getByRole('alertdialog', { name: 'Sign out everywhere' })
      await asked.getByRole('button', { name: 'Sign out', exact: true }).click()
      const warned = page.getByRole('alertdialog', { name: 'Sign out?' })
      await warned.getByText('Kept').waitFor()
      return warned
    }
    await expect.poll(() => sessions.getByRole('listitem').count()).toBe(2)
    await (await signOutEverywhere()).getByRole('button', { name: 'Cancel' }).click()
    await second.page.reload()
    await second.page.getByRole('button', { name: 'New board' }).waitFor()
    await page.reload()
    await expect.poll(() => sessions.getByRole('listitem').count()).toBe(2)

    const warned = await signOutEverywhere()
    await warned.getByRole('button', { name: 'Sign out and lose them' }).click()
    await page.getByRole('link', { name: 'Sign in' }).waitFor()
    await second.page.getByRole('heading', { name: 'You are signed out' }).waitFor()
  })

  test('has a name of its own, which others see at once on open boards', async ({
    visit,
    baseUrl,
    remotely,
  }) => {
    const grace = await remotely('grace.hopper@example.com')
    const [{ id: workspaceId }] = (await grace('GET', '/workspaces')).items
    const { id } = await grace('POST', `/workspaces/${workspaceId}/boards`, { name: 'Compilers' })
    const { token } = await grace('POST', `/boards/${id}/invite`, { role: 'editor' })
    const email = 'katherine.johnson@example.com'
    await (await remotely(email))('POST', `/invites/${token}/accept`)
    const katherine = await visit(email)
    await katherine.open(`${baseUrl}/boards/${id}`)
    const { open, context } = await visit('grace.hopper@example.com')
    await open(`${baseUrl}/boards/${id}`)
    await katherine.page.getByRole('button', { name: 'Grace Hopper' }).waitFor()

    const settings = await context.newPage()
    await settings.goto(`${baseUrl}/account`)
    await settings.getByRole('button', { name: 'Change your name' }).click()
    await settings.getByLabel('Name', { exact: true }).fill('Amazing Grace')
    await settings.keyboard.press('Enter')
    const header = settings.getByRole('banner')
    await header.getByText('Amazing Grace').waitFor()
    await katherine.page.getByRole('button', { name: 'Amazing Grace' }).waitFor()
    expect(await seriousViolations(settings)).toEqual([])
    await picture(settings, 'account-name')
    await settings.reload()
    await header.getByText('Amazing Grace').waitFor()

    await settings.getByRole('button', { name: 'Use the name of my account' }).click()
    await header.getByText('Grace Hopper').waitFor()
    await katherine.page.getByRole('button', { name: 'Grace Hopper' }).waitFor()
  })

  test('downloads what is held of it', async ({ visit, baseUrl }) => {
    const { page } = await visit('grace.hopper@example.com')
    await page.goto(`${baseUrl}/account`)
    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download' }).click()
    const download = await downloading
    expect(download.suggestedFilename()).toBe('mindfuse-account.jsonl')
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n')
    const [account] = lines.map((line) => JSON.parse(line))
    expect(account).toMatchObject({ kind: 'account', email: 'grace.hopper@example.com' })
  })

  test('is deleted once others have its workspaces, with the keyboard alone', async ({
    visit,
    baseUrl,
    remotely,
  }) => {
    const email = 'charles.babbage@example.com'
    const charles = await remotely(email)
    const ada = await remotely('ada.lovelace@example.com')
    const { id } = await charles('POST', '/workspaces', { name: 'Engines' })
    const offer = await charles('POST', `/workspaces/${id}/members`, {
      ...{ email: 'ada.lovelace@example.com', role: 'admin' },
    })
    const { workspaceId } = await ada('POST', `/memberships/${offer.id}/accept`).then(
      ({ id: workspaceId }) => ({ workspaceId }),
    )
    const { page } = await visit(email)
    await page.goto(`${baseUrl}/account`)
    const remove = async () => {
      await page.getByRole('button', { name: 'Delete your account' }).focus()
      await page.keyboard.press('Enter')
      await page.getByLabel('Type your email to confirm').waitFor()
      await page.keyboard.type(email)
      await page.keyboard.press('Enter')
    }
    await remove()
    await page.getByText('Others are members of workspaces that only you own').waitFor()
    expect(await seriousViolations(page)).toEqual([])
    await picture(page, 'account-delete-blocked')
    await page.getByRole('link', { name: 'Engines' }).focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(`${baseUrl}/workspaces/${workspaceId}/settings/members`)
    await page.getByLabel('Role of Ada Lovelace').selectOption('Owner')
    await page.getByText('Owner, once they accept').waitFor()
    const [{ id: owning }] = (await ada('GET', '/memberships')).items
    await ada('POST', `/memberships/${owning}/accept`)
    await page.goto(`${baseUrl}/account`)
    await remove()
    await page.waitForURL(`${baseUrl}/`)
    await page.getByRole('link', { name: 'Sign in' }).waitFor()
    expect((await ada('GET', `/workspaces/${id}`)).access.role).toBe('owner')
  })

  test('chooses language and colours', async ({ visit, baseUrl }) => {
    const { page } = await visit('alan.turing@example.com', {
      viewport: { width: 360, height: 720 },
    })
    await page.goto(`${baseUrl}/account`)
    await page.getByLabel('Colours').selectOption('Dark')
    await page.getByLabel('Language').selectOption('中文')
    await page.getByRole('heading', { name: '个人资料' }).waitFor()
    expect(await page.evaluate('document.documentElement.lang')).toBe('zh')
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    expect(await seriousViolations(page)).toEqual([])
    await picture(page, 'account-zh-dark-360')
    await page.reload()
    await page.getByRole('heading', { name: '个人资料' }).waitFor()
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark')
  })
})
