import { eventually } from '@mindfuse/testing'
import type { Locator } from 'playwright-core'
import { describe, expect } from 'vitest'
import { hasFocus, tabTo } from '../support/keyboard.ts'
import { addBoard, picture, type Visitor } from '../support/visitor.ts'
import { chromium, test } from '../support/web-fixtures.ts'

/** Chromium reports the status of requests and sockets that are refused itself. */
const HARMLESS = /Failed to load resource|WebSocket connection/

/** How long a link lives that ends by itself: long enough to open it on a busy machine, milliseconds. */
const LIFE_MS = 15_000

const complaintsOf = (...visitors: Visitor[]) =>
  visitors.flatMap(({ complaints }) => complaints).filter((line) => !HARMLESS.test(line))

const openShare = ({ page }: Visitor) => page.getByRole('button', { name: 'Share' }).click()

/** Creates a link in the share dialog, which stays open. */
async function createLink(
  owner: Visitor,
  { role = 'Can edit', label = '', password = '', end = 'Never ends' } = {},
): Promise<string> {
  const { page } = owner
  await openShare(owner)
  await page.getByLabel('Role for this link').selectOption({ label: role })
  await page.getByLabel('End of this link', { exact: true }).selectOption({ label: end })
  await page.getByLabel('Label').fill(label)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Create link' }).click()
  return page.getByLabel('Link', { exact: true }).inputValue()
}

/** Somebody with a new board open. */
async function openNewBoard(owner: Visitor): Promise<void> {
  await addBoard(owner.page)
  await owner.isTold('Saved')
}

describe.skipIf(!chromium)('links in the web app', () => {
  test('a guest with a name draws, is marked as one, and reads why it ends', async ({ visit }) => {
    const ada = await visit('ada.lovelace@example.com')
    await openNewBoard(ada)
    const link = await createLink(ada, { label: 'Workshop', end: 'Ends in 7 days' })
    const row = ada.page.getByRole('list', { name: 'Links' }).getByRole('listitem')
    await row.getByText(/Can edit · Ends .* · uses: 0 · by you/).waitFor()
    await picture(ada.page, 'share-link')
    await ada.page.keyboard.press('Escape')

    const grace = await visit()
    const referrers: string[] = []
    grace.page.on('request', (request) => referrers.push(request.headers().referer ?? ''))
    await grace.page.goto(link)
    await grace.page.getByText('Ada Lovelace shared a board with you to draw on').waitFor()
    await picture(grace.page, 'link')
    await grace.page.getByLabel('Your name').fill('Grace')
    await grace.page.getByRole('button', { name: 'Open board' }).click()
    await grace.isTold('Saved')
    await grace.page.getByText('Grace (guest)').waitFor()
    await grace.page.getByText('Can edit').waitFor()
    expect(grace.page.url()).toBe(ada.page.url())
    expect(referrers.filter((referrer) => referrer !== '')).toEqual([])
    for (const name of ['Share', 'All boards']) {
      expect(await grace.page.getByRole('button', { name }).count()).toBe(0)
      expect(await grace.page.getByRole('link', { name }).count()).toBe(0)
    }
    await grace.page.keyboard.press('r')
    await grace.drag([400, 250], [600, 370])
    await ada.sees(1)
    await eventually('Ada sees her cursor', async () => {
      const { others } = await ada.shown()
      return others.some(({ username, pointer }) => username === 'Grace (guest)' && pointer)
    })
    await ada.page.getByRole('button', { name: 'Go to the view of Grace (guest)' }).waitFor()
    await picture(grace.page, 'board-of-a-guest')

    // The page is the guest's also when it is loaded again.
    await grace.page.reload()
    await grace.sees(1)
    await openShare(ada)
    await ada.page.getByRole('list', { name: 'Came by a link' }).getByText('Grace').waitFor()
    await picture(ada.page, 'share-guests')
    await row.getByRole('button', { name: 'Revoke' }).click()
    await picture(ada.page, 'share-revoke')
    const asked = ada.page.getByRole('alertdialog', { name: 'Revoke this link' })
    await asked.getByRole('button', { name: 'Revoke' }).click()
    const notice = grace.page.getByRole('alertdialog', { name: 'You no longer have access' })
    await notice.getByText('The link you came by has ended').waitFor()
    await picture(grace.page, 'guest-ended')
    await row.waitFor({ state: 'detached' })
    await grace.page.goto(link)
    await grace.page.getByRole('heading', { name: 'This link was revoked' }).waitFor()
    expect(complaintsOf(ada, grace)).toEqual([])
  })
  test('a password is asked for, and a wrong one said to be wrong, until there were too many', async ({
    visit,
  }) => {
    const ada = await visit('ada.lovelace@example.com')
    await openNewBoard(ada)
    const link = await createLink(ada, { role: 'Can view', password: 'engine' })
    const alan = await visit()
    const { page, isTold } = alan
    await page.goto(link)
    const tryPassword = async (password: string) => {
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Open board' }).click()
    }
    const alert = page.getByRole('alert')
    await tryPassword('')
    await alert.getByText('This link asks for a password.').waitFor()
    await tryPassword('motor')
    await alert.getByText('This is not the password of this link.').waitFor()
    await picture(page, 'link-password')
    await tryPassword('engine')
    await isTold('View only')

    const { page: other } = await visit()
    await other.goto(link)
    for (let i = 0; i < 5; i++) {
      await other.getByLabel('Password').fill(`guess ${i}`)
      const refused = other.waitForResponse(/\/open$/)
      await other.getByRole('button', { name: 'Open board' }).click()
      await refused
    }
    await other.getByText(/Too many wrong passwords. Try again in 1[45] minutes./).waitFor()
    // Who came by the link before is not affected.
    await page.goto(link)
    await page.getByRole('button', { name: 'Open board' }).click()
    await isTold('View only')
    expect(complaintsOf(alan)).toEqual([])
  })

  test('a link is created and revoked by Tab alone, and the focus comes back', async ({
    visit,
  }) => {
    const ada = await visit('ada.lovelace@example.com')
    await openNewBoard(ada)
    const { page } = ada
    const press = async (target: Locator) => {
      await tabTo(target)
      await page.keyboard.press('Enter')
    }
    const share = page.getByRole('button', { name: 'Share' })
    await press(share)
    const dialog = page.getByRole('dialog', { name: 'Share' })
    await tabTo(dialog.getByLabel('Role for this link'))
    await page.keyboard.type('Can view')
    await press(dialog.getByRole('button', { name: 'Create link' }))
    await dialog.getByLabel('Link', { exact: true }).waitFor()
    const links = dialog.getByRole('list', { name: 'Links' })
    await links.getByText('Can view').waitFor()
    await press(links.getByRole('button', { name: 'Revoke' }))
    const asked = page.getByRole('alertdialog', { name: 'Revoke this link' })
    await press(asked.getByRole('button', { name: 'Revoke' }))
    await asked.waitFor({ state: 'detached' })
    await links.waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await expect.poll(() => hasFocus(share)).toBe(true)
  })

  test('a guest without a name looks, and opens the link again to draw', async ({ visit }) => {
    const ada = await visit('ada.lovelace@example.com')
    await openNewBoard(ada)
    const link = await createLink(ada)
    const { page, isTold } = await visit()
    await page.goto(link)
    await page.getByRole('button', { name: 'Just look' }).click()
    await isTold('View only')
    await page.goto(`${page.url()}/versions`)
    await page.getByRole('heading', { name: 'Versions are for members' }).waitFor()
    await picture(page, 'versions-guest')
    await page.getByRole('link', { name: 'Back to the board' }).click()
    await isTold('View only')
    await page.goto(link)
    await page.getByLabel('Your name').fill('Grace')
    await page.getByRole('button', { name: 'Open board' }).click()
    await isTold('Saved')
    await page.goBack()
    expect(page.url()).not.toContain('/links/')
  })

  test('a person goes straight in, and so does a guest who signs in', async ({
    visit,
    baseUrl,
  }) => {
    const ada = await visit('ada.lovelace@example.com')
    await openNewBoard(ada)
    const link = await createLink(ada)
    const alan = await visit('alan.turing@example.com')
    await alan.page.goto(link)
    await alan.isTold('Saved')
    expect(alan.page.url()).toBe(ada.page.url())
    await alan.page.getByRole('button', { name: 'Share' }).waitFor()

    const grace = await visit()
    await grace.page.goto(link)
    await grace.page.getByLabel('Your name').fill('Grace')
    await grace.page.getByRole('button', { name: 'Open board' }).click()
    await grace.isTold('Saved')
    await grace.page.goto(baseUrl)
    await grace.page.getByRole('heading', { name: 'Draw together' }).waitFor()
    await grace.page.goto(ada.page.url())
    await grace.page.getByRole('link', { name: 'Sign in' }).click()
    await grace.page.getByLabel('Email').fill('grace.hopper@example.com')
    await grace.page.getByRole('button', { name: 'Sign in' }).click()
    await grace.isTold('Saved')
    await grace.page.getByRole('button', { name: 'Share' }).waitFor()
    expect(grace.page.url()).toBe(ada.page.url())
    await ada.page.getByRole('button', { name: 'Close' }).click()
    await ada.page.getByRole('button', { name: 'Go to the view of Grace Hopper' }).waitFor()
  })

  test('a link with an end says when it is over', async ({ visit, remotely }) => {
    const ada = await remotely('ada.lovelace@example.com')
    const [workspace] = (await ada('GET', '/workspaces')).items
    const board = await ada('POST', `/workspaces/${workspace.id}/boards`, { name: 'Short' })
    const { page, isTold } = await visit()
    const expiresAt = new Date(Date.now() + LIFE_MS).toISOString()
    const { url } = await ada('POST', `/boards/${board.id}/links`, { role: 'viewer', expiresAt })
    await page.goto(url)
    await page.getByRole('button', { name: 'Open board' }).click()
    await isTold('View only')
    await page.getByText('The link you came by has ended').waitFor()
    await page.goto(url)
    await page.getByRole('heading', { name: 'This link has expired' }).waitFor()
  })

  test('a workspace that lets no guests in ends their visits, and says so', async ({
    visit,
    remotely,
  }) => {
    const email = 'careful@example.com'
    const owner = await remotely(email)
    const [workspace] = (await owner('GET', '/workspaces')).items
    const board = await owner('POST', `/workspaces/${workspace.id}/boards`, { name: 'Private' })
    const { url } = await owner('POST', `/boards/${board.id}/links`, { role: 'editor' })
    const guest = await visit()
    await guest.page.goto(url)
    await guest.page.getByLabel('Your name').fill('Grace')
    await guest.page.getByRole('button', { name: 'Open board' }).click()
    await guest.isTold('Saved')

    const { page } = await visit(email)
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByLabel('Guests may').selectOption({ label: 'Look only' })
    await guest.isTold('View only')
    await page.getByLabel('Guests may').selectOption({ label: 'Not come in at all' })
    await picture(page, 'workspace-settings')
    await guest.page.getByText('or guests are no longer let in').waitFor()
    await guest.page.goto(url)
    await guest.page.getByLabel('Your name').fill('Grace')
    await guest.page.getByRole('button', { name: 'Open board' }).click()
    await guest.page.getByRole('heading', { name: 'Sign in to open this board' }).waitFor()
  })

  test('removing somebody also ends the links by which they could come back', async ({
    visit,
    remotely,
  }) => {
    const ada = await visit('ada.lovelace@example.com')
    await openNewBoard(ada)
    const link = await createLink(ada)
    const boardId = ada.page.url().split('/').at(-1)
    const owner = await remotely('ada.lovelace@example.com')
    const invite = await owner('POST', `/boards/${boardId}/invite`, { role: 'viewer' })
    const alan = await remotely('alan.turing@example.com')
    await alan('POST', `/invites/${invite.token}/accept`)
    await ada.page.getByRole('button', { name: 'Remove Alan Turing' }).click()
    await ada.page.getByLabel('Also revoke the invites and links').check()
    await ada.page.getByRole('button', { name: 'Remove', exact: true }).click()
    const links = ada.page.getByRole('list', { name: 'Links' }).getByRole('listitem')
    await links.waitFor({ state: 'detached' })
    const { page } = await visit()
    await page.goto(link)
    await page.getByRole('heading', { name: 'This link was revoked' }).waitFor()
  })
})
