import { describe, expect } from 'vitest'
import { seriousViolations } from '../support/axe.ts'
import { hasFocus, tabTo } from '../support/keyboard.ts'
import { picture } from '../support/visitor.ts'
import { test as base, chromium } from '../support/web-fixtures.ts'

const ADA = 'ada.lovelace@example.com'
const ALAN = 'alan.turing@example.com'

/** Makes a workspace of Ada's, with Alan in it. */
const test = base.extend('team', ({ remotely }) => async (name: string, role: string) => {
  const [ada, alan] = await Promise.all([remotely(ADA), remotely(ALAN)])
  const { id } = await ada('POST', '/workspaces', { name })
  const offer = await ada('POST', `/workspaces/${id}/members`, { email: ALAN, role })
  await alan('POST', `/memberships/${offer.id}/accept`)
  return { id, ada, alan }
})

describe.skipIf(!chromium)('a workspace', () => {
  test('is shared by invitation, its roles change, it is handed over, and left', async ({
    visit,
    baseUrl,
    remotely,
  }) => {
    const { id } = await (await remotely(ADA))('POST', '/workspaces', { name: 'Bletchley' })
    const members = `${baseUrl}/workspaces/${id}/settings/members`
    const ada = await visit(ADA)
    const alan = await visit(ALAN)
    await ada.page.goto(`${baseUrl}/workspaces/${id}`)
    await ada.page.getByRole('link', { name: 'People' }).click()
    await ada.page.waitForURL(members)
    const pending = ada.page.getByRole('list', { name: 'Invited' })
    const invite = async () => {
      await ada.page.getByLabel('Email').fill('Alan.Turing@example.com')
      await ada.page.getByRole('button', { name: 'Invite' }).click()
      await pending.getByText(ALAN).waitFor()
      await alan.page.getByText('Ada Lovelace invites you as a member').waitFor()
    }

    await invite()
    expect(await ada.page.getByLabel('Address').inputValue()).toBe(`${baseUrl}/`)
    expect(await seriousViolations(ada.page)).toEqual([])
    await picture(ada.page, 'workspace-members-invited')
    await picture(alan.page, 'invitation')
    await alan.page.getByRole('button', { name: 'Decline' }).click()
    await pending.waitFor({ state: 'detached' })
    await invite()
    await alan.page.getByRole('button', { name: 'Accept' }).click()
    await alan.page.getByRole('heading', { name: 'Bletchley' }).waitFor()

    // An admin finds keys and the audit log, a member neither: at once.
    await alan.page.getByRole('link', { name: 'Settings' }).click()
    const sections = alan.page.getByRole('navigation', { name: 'Settings' })
    await sections.getByRole('link', { name: 'Usage' }).waitFor()
    expect(await sections.getByRole('link', { name: 'Keys' }).count()).toBe(0)
    await ada.page.getByLabel('Role of Alan Turing').selectOption('Admin')
    await sections.getByRole('link', { name: 'Keys' }).waitFor()
    await picture(ada.page, 'workspace-members')

    await ada.page.getByRole('button', { name: 'More actions for Alan Turing' }).click()
    await ada.page.getByRole('menuitem', { name: 'Hand workspace over' }).click()
    await ada.page.getByRole('button', { name: 'Offer it' }).click()
    await pending.getByText('Owner in your place, once they accept').waitFor()
    await alan.page.goto(baseUrl)
    await alan.page.getByText('Ada Lovelace wants to hand this workspace over to you').waitFor()
    await alan.page.getByRole('button', { name: 'Accept' }).click()
    await alan.page.getByRole('heading', { name: 'Bletchley' }).waitFor()
    // Ada is an admin now: owners are not hers to change.
    await ada.page.getByLabel('Role of Alan Turing').waitFor({ state: 'detached' })
    await ada.page.getByText('Owner', { exact: true }).waitFor()

    await ada.page.getByRole('link', { name: 'General' }).click()
    await ada.page.getByRole('button', { name: 'Leave this workspace' }).click()
    await ada.page.getByRole('button', { name: 'Leave', exact: true }).click()
    await ada.page.waitForURL(`${baseUrl}/`)
    await ada.page.goto(members)
    await ada.page.getByRole('heading', { name: 'Page not found' }).waitFor()
    expect([...ada.complaints, ...alan.complaints].filter(isFault)).toEqual([])
  })

  test('of which somebody is removed is gone for them, also where they look at it', async ({
    visit,
    baseUrl,
    team,
  }) => {
    const { id } = await team('Enigma', 'member')
    const removed = await visit(ALAN)
    await removed.page.goto(`${baseUrl}/workspaces/${id}/settings/usage`)
    await removed.page.getByRole('heading', { name: 'Usage' }).waitFor()
    const { page } = await visit(ADA)
    await page.goto(`${baseUrl}/workspaces/${id}/settings/members`)
    await page.getByRole('button', { name: 'More actions for Alan Turing' }).click()
    await page.getByRole('menuitem', { name: 'Remove' }).click()
    await page.getByLabel('Also revoke the invites and links').check()
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await removed.page.getByRole('heading', { name: 'Page not found' }).waitFor()
    await page.getByText(ALAN).waitFor({ state: 'detached' })
  })

  test('is renamed, needs an owner, and is deleted by its name, with the keyboard alone', async ({
    visit,
    baseUrl,
    remotely,
  }) => {
    const { id } = await (await remotely(ADA))('POST', '/workspaces', { name: 'Drafts' })
    const { page } = await visit(ADA)
    await page.goto(`${baseUrl}/workspaces/${id}/settings`)
    const press = async (name: string, key = 'Enter') => {
      await tabTo(page.getByRole('button', { name, exact: true }))
      await page.keyboard.press(key)
    }
    await press('Rename')
    await page.getByRole('dialog').getByLabel('Name').waitFor()
    await page.keyboard.type('Drawings')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Settings of Drawings' }).waitFor()
    expect(await seriousViolations(page)).toEqual([])

    await press('Leave this workspace')
    await press('Leave')
    await page.getByText('A workspace needs an owner').waitFor()
    await picture(page, 'workspace-last-owner')
    await page.keyboard.press('Escape')

    await press('Delete this workspace')
    await page.getByLabel(/^Type .*Drawings.* to confirm$/).waitFor()
    await page.keyboard.type('drawings')
    expect(await page.getByRole('button', { name: 'Delete workspace' }).isDisabled()).toBe(true)
    expect(await seriousViolations(page)).toEqual([])
    await picture(page, 'workspace-delete')
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('Drawings')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${baseUrl}/`)
    await page.getByRole('link', { name: 'Drawings' }).waitFor({ state: 'detached' })
  })

  test('shows how much it uses, and who did what when', async ({ visit, baseUrl, team }) => {
    const { id, alan } = await team('Records', 'admin')
    const board = await alan('POST', `/workspaces/${id}/boards`, { name: 'Bombe' })
    const { page } = await visit(ADA)
    await page.goto(`${baseUrl}/workspaces/${id}/settings/usage`)
    await page.getByText('Storage of boards and versions').waitFor()
    expect(await seriousViolations(page)).toEqual([])
    await picture(page, 'workspace-usage')

    await page.getByRole('link', { name: 'Audit log' }).click()
    const entries = page.getByRole('list', { name: 'Audit log' }).getByRole('listitem')
    await entries.filter({ hasText: 'Alan Turing · Board created · Bombe' }).waitFor()
    await entries.filter({ hasText: 'Workspace created · Records' }).waitFor()
    expect(await seriousViolations(page)).toEqual([])
    await picture(page, 'workspace-audit')

    // What comes meanwhile waits above.
    const top = async () => (await entries.first().boundingBox())?.y
    const before = await top()
    await alan('PATCH', `/boards/${board.id}`, { name: 'Turing-Welchman Bombe' })
    const news = page.getByRole('status').getByRole('button', { name: '1 new entry: show' })
    await news.waitFor()
    const renamed = entries.filter({ hasText: 'Board renamed or changed' })
    expect(await renamed.count()).toBe(0)
    expect(await top()).toBe(before)
    expect(await seriousViolations(page)).toEqual([])
    await picture(page, 'workspace-audit-news')
    await news.press('Enter')
    await renamed.waitFor()
    await news.waitFor({ state: 'detached' })

    await page.getByLabel('Person').selectOption('Alan Turing')
    await entries.filter({ hasText: 'Workspace created' }).waitFor({ state: 'detached' })
    await page.getByLabel('Action').selectOption('Board created')
    await expect.poll(() => entries.count()).toBe(1)
    await page.reload()
    await entries.filter({ hasText: 'Bombe' }).waitFor()
    expect(await entries.count()).toBe(1)
    await page.getByLabel('Until').fill('2020-01-01')
    await page.getByText('Nothing was done that fits.').waitFor()
    await page.getByRole('button', { name: 'Show everything' }).click()
    await entries.filter({ hasText: 'Workspace created' }).waitFor()
    expect(page.url()).toBe(`${baseUrl}/workspaces/${id}/settings/audit`)
  })

  test('is listed where a board of it is shared, and several people are invited at once', async ({
    visit,
    baseUrl,
    team,
  }) => {
    const { id, ada } = await team('Machines', 'member')
    const board = await ada('POST', `/workspaces/${id}/boards`, { name: 'Bombe' })
    const { page } = await visit(ADA)
    await page.goto(`${baseUrl}/boards/${board.id}`)
    await page.getByRole('button', { name: 'Share' }).click()
    const colleagues = page.getByRole('list', { name: /^By the workspace .*Machines/ })
    await colleagues.getByText(ALAN).waitFor()
    await colleagues.getByText('Can edit').waitFor()
    // She is the owner of the board herself.
    expect(await colleagues.getByRole('listitem').count()).toBe(1)
    const all = page.getByRole('link', { name: 'Members of the workspace' })
    expect(await all.getAttribute('href')).toBe(`/workspaces/${id}/settings/members`)

    const field = page.getByLabel('Only for these emails')
    expect(await hasFocus(field)).toBe(true)
    await field.evaluate((element: any) => {
      const { DataTransfer, ClipboardEvent } = globalThis as any
      const clipboardData = new DataTransfer()
      clipboardData.setData('text', 'grace@example.com\r\nnobody\nmary@example.com\n')
      const options = { clipboardData, bubbles: true, cancelable: true }
      element.dispatchEvent(new ClipboardEvent('paste', options))
    })
    expect(await field.inputValue()).toBe('grace@example.com, nobody, mary@example.com')
    await page.getByRole('button', { name: 'Create invite' }).click()
    for (const email of ['grace@example.com', 'mary@example.com']) {
      const link = page.getByLabel(`Invite link for ${email}`)
      expect(await link.inputValue()).toContain(`${baseUrl}/invites/`)
    }
    await page.getByRole('alert').getByText('nobody').waitFor()
    expect(await field.inputValue()).toBe('nobody')
    expect(await seriousViolations(page)).toEqual([])
    await picture(page, 'share-workspace')
  })

  test('shows more of a list, and the focus is on the first row of it', async ({
    visit,
    baseUrl,
    remotely,
  }) => {
    const ada = await remotely(ADA)
    const { id } = await ada('POST', '/workspaces', { name: 'Long' })
    for (let n = 1; n <= 54; n++) await ada('POST', `/workspaces/${id}/boards`, { name: `B${n}.` })
    const { page } = await visit(ADA)
    await page.goto(`${baseUrl}/workspaces/${id}/settings/audit`)
    const entries = page.getByRole('list', { name: 'Audit log' }).getByRole('listitem')
    await expect.poll(() => entries.count()).toBe(50)
    await page.getByRole('button', { name: 'Show more' }).press('Enter')
    await expect.poll(() => entries.count()).toBe(55)
    const focused = () => page.evaluate<string>('document.activeElement.textContent')
    await expect.poll(focused).toContain('B4.')
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Ada Lovelace')
  })

  test('fits a narrow screen', async ({ visit, baseUrl, remotely }) => {
    const name = 'A workspace with quite a long name, as people give them'
    const ada = await remotely(ADA)
    const { id } = await ada('POST', '/workspaces', { name })
    const email = 'grace.brewster.murray.hopper@navy.example.com'
    await ada('POST', `/workspaces/${id}/members`, { email, role: 'member' })
    const { page } = await visit(ADA, { viewport: { width: 360, height: 720 } })
    for (const section of ['general', 'members', 'keys', 'usage', 'audit']) {
      await page.goto(`${baseUrl}/workspaces/${id}/settings/${section}`)
      await page.getByRole('heading', { name }).waitFor()
      await expect.poll(() => page.locator('.skeleton').count()).toBe(0)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
      await picture(page, `workspace-${section}-360`)
    }
  })
})

/** Requests of pages that somebody may no longer see are refused, and browsers log that. */
function isFault(complaint: string): boolean {
  return !/status of 40[34]/.test(complaint)
}
