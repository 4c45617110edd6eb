import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { addBoard, picture } from '../support/visitor.ts'
import { chromium, test } from '../support/web-fixtures.ts'

describe.skipIf(!chromium)('wrong turns in the web app', () => {
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
    [`/invites/${'a'.repeat(800)}`, 414, 'This address does not open'],
    ['/api/workspaces', 401, 'This address does not open'],
    ['/api/auth/google/callback', 400, 'You are not signed in'],
    ['/api/auth/google/callback?error=access_denied&state=x', 401, 'You are not signed in'],
    ['/boards/1/', 200, 'Draw together'],
    ['/invites/none', 200, 'Invite not found'],
    ['/links/none', 200, 'Link not found'],
    [`/links/${'a'.repeat(800)}`, 414, 'This address does not open'],
  ] as const)(
    '%s is a page with the status %i',
    async ([path, status, title], { visit, baseUrl }) => {
      const { page, complaints } = await visit()
      const response = await page.goto(baseUrl + path)
      expect(response?.status()).toBe(status)
      await heading(page, title)
      // Chromium reports the status itself; the policy and the scripts have nothing to report.
      expect(complaints.filter((text) => !text.startsWith('Failed to load resource'))).toEqual([])
    },
  )

  test('who is not signed in is no failure, and what is chosen in one tab is so in all', async ({
    visit,
  }) => {
    const { page, context, complaints } = await visit()
    await heading(page, 'Draw together')
    expect(complaints).toEqual([])
    await page.goto(`${page.url()}api/auth/google?login_hint=choosing@example.com`)
    await boards(page)
    const other = await context.newPage()
    await other.goto(page.url())
    await boards(other)
    const choose = async (name: string) => {
      await page.locator('.site-header').getByRole('button').click()
      await page.getByRole('menuitemradio', { name }).click()
      await page.getByRole('menu').waitFor({ state: 'detached' })
    }
    await choose('Dark')
    await expect.poll(() => other.locator('html').getAttribute('data-theme')).toBe('dark')
    await choose('中文')
    await other.getByRole('button', { name: '新建白板' }).waitFor()
    expect(complaints).toEqual([])
  })

  test('two tabs that sign in at the same time both end at their page', async ({
    visit,
    baseUrl,
  }) => {
    const first = await visit()
    const second = await first.context.newPage()
    await first.page.goto(`${baseUrl}/api/auth/google?returnTo=/workspaces/1`)
    await second.goto(`${baseUrl}/api/auth/google?returnTo=/`)
    await signInAs(first.page, 'two.tabs@example.com')
    await first.page.waitForURL(`${baseUrl}/workspaces/1`)
    await signInAs(second, 'two.tabs@example.com')
    await boards(second)
  })

  test('a sign-in that was already used goes on to the boards', async ({ visit, baseUrl }) => {
    const { page, context } = await visit()
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
  })

  test('a sign-in that starts at 127.0.0.1 ends at localhost', async ({ visit, baseUrl }) => {
    const { page } = await visit()
    await page.goto(`${baseUrl.replace('localhost', '127.0.0.1')}/api/auth/google`)
    await signInAs(page, 'loopback@example.com')
    await boards(page)
    expect(page.url()).toBe(`${baseUrl}/`)
  })

  test('an invite that is closed says so, and leads on', async ({ visit, remotely }) => {
    const ada = await remotely('inviting@example.com')
    const [workspace] = (await ada('GET', '/workspaces')).items
    const board = await ada('POST', `/workspaces/${workspace.id}/boards`, { name: 'Shared' })
    const invite = await ada('POST', `/boards/${board.id}/invite`, { role: 'editor' })
    await ada('DELETE', `/boards/${board.id}/invites/${invite.id}`)
    const signedOut = await visit()
    await signedOut.page.goto(invite.url)
    await heading(signedOut.page, 'This invite is closed')
    await signedOut.page.getByText('This invite was revoked. Ask for a new one.').waitFor()
    await picture(signedOut.page, 'invite-closed')
    await signedOut.page.getByRole('link', { name: 'Sign in' }).click()
    await signInAs(signedOut.page, 'invited@example.com')
    await boards(signedOut.page)
    await signedOut.page.goto(invite.url)
    await signedOut.page.getByRole('link', { name: 'Go to my boards' }).click()
    await boards(signedOut.page)
  })

  test('a board that is not shared says with whom, and one that is trashed while it is open is gone', async ({
    visit,
    remotely,
    baseUrl,
  }) => {
    const owner = 'owning@example.com'
    const ada = await remotely(owner)
    const [workspace] = (await ada('GET', '/workspaces')).items
    const { id } = await ada('POST', `/workspaces/${workspace.id}/boards`, { name: 'Secret' })
    const { page, isTold } = await visit('stranger@example.com')
    await page.goto(`${baseUrl}/boards/${id}`)
    await heading(page, 'This board does not open')
    await page.getByText('You are signed in as stranger@example.com.').waitFor()
    await picture(page, 'not-shared')
    await page.getByRole('link', { name: 'Use another account' }).click()
    await signInAs(page, owner)
    await isTold('Saved')
    await ada('DELETE', `/boards/${id}`)
    await page.getByRole('alertdialog', { name: 'This board is gone' }).waitFor()
    await picture(page, 'gone')
    await page.getByRole('link', { name: 'Go to my boards' }).click()
    await boards(page)
  })

  test('a board in the trash says so to its members, and one that was taken away says that where it was open', async ({
    visit,
    remotely,
    baseUrl,
  }) => {
    const ada = await remotely('trashing@example.com')
    const [workspace] = (await ada('GET', '/workspaces')).items
    const { id } = await ada('POST', `/workspaces/${workspace.id}/boards`, { name: 'Engine' })
    const invite = await ada('POST', `/boards/${id}/invite`, { role: 'editor' })
    const member = await remotely('editing@example.com')
    await member('POST', `/invites/${invite.token}/accept`)
    const url = `${baseUrl}/boards/${id}`
    const owner = await visit('trashing@example.com')
    const editor = await visit('editing@example.com')
    await editor.open(url)
    await editor.page.keyboard.press('r')
    await editor.drag([300, 250], [500, 370])
    await editor.isTold('Saved')

    await ada('DELETE', `/boards/${id}`)
    await editor.page.getByRole('alertdialog', { name: 'This board is gone' }).waitFor()
    await editor.page.reload()
    await heading(editor.page, 'This board is in the trash')
    await editor.page.getByText('“\u2068Engine\u2069” was moved there').waitFor()
    await editor.page.getByText('Its owner can restore it.').waitFor()
    await picture(editor.page, 'trashed')
    await owner.page.goto(`${url}/versions`)
    await heading(owner.page, 'This board is in the trash')
    await owner.page.goto(url)
    await picture(owner.page, 'trashed-restore')
    await owner.page.getByRole('button', { name: 'Restore' }).click()
    await owner.isTold('Saved')

    await editor.open(url)
    const { id: editorId } = await member('GET', '/auth/me')
    await ada('DELETE', `/boards/${id}/members/${editorId}`)
    await editor.page.getByRole('alertdialog', { name: 'You no longer have access' }).waitFor()
    await editor.page.reload()
    await heading(editor.page, 'You no longer have access to this board')
    await editor.page.getByText('It was open in this browser before.').waitFor()
    await picture(editor.page, 'taken-away')
    // Another browser of theirs knows nothing of it.
    const elsewhere = await visit('editing@example.com')
    await elsewhere.page.goto(url)
    await heading(elsewhere.page, 'This board does not open')
  })

  test('who is a member of one board copies it, and leaves it', async ({ visit, remotely }) => {
    const ada = await remotely('sharing@example.com')
    const [workspace] = (await ada('GET', '/workspaces')).items
    const board = await ada('POST', `/workspaces/${workspace.id}/boards`, { name: 'Shared' })
    const invite = await ada('POST', `/boards/${board.id}/invite`, { role: 'editor' })
    const guest = await remotely('guest@example.com')
    await guest('POST', `/invites/${invite.token}/accept`)
    const { page } = await visit('guest@example.com')
    const choose = async (item: string) => {
      await page.getByRole('button', { name: 'More actions for Shared', exact: true }).click()
      await page.getByRole('menuitem', { name: item }).click()
    }
    await choose('Duplicate')
    await page.getByRole('link', { name: 'Shared (copy)' }).waitFor()
    await choose('Leave')
    await picture(page, 'leave-board')
    await page.getByRole('button', { name: 'Leave', exact: true }).click()
    // Not by its role: what is behind a dialog has none.
    await page.getByText('Shared with you').waitFor({ state: 'hidden' })
    const { items } = await ada('GET', `/boards/${board.id}/members`)
    expect(items).toHaveLength(1)
  })

  test('a message is shown above the dialog that it is about', async ({ visit }) => {
    const { page } = await visit('sharing@example.com', {
      permissions: ['clipboard-write'],
    })
    await page.getByRole('link', { name: 'Shared' }).click()
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByRole('button', { name: 'Create link' }).click()
    await page.getByRole('button', { name: 'Copy' }).click()
    await page.getByText('Link copied').waitFor()
    await picture(page, 'link-copied')
    // Of what is in the top layer, the one shown last is in front.
    const isShown = () =>
      page.evaluate(`document.querySelector('#toasts').matches(':popover-open')`)
    expect(await isShown()).toBe(true)
  })

  test('what loads in a dialog moves no button that is being pressed', async ({ visit }) => {
    const { page } = await visit('pressing@example.com')
    await addBoard(page)
    let load = () => undefined as unknown
    const isLoaded = new Promise((resolve) => {
      load = () => resolve(undefined)
    })
    await page.route('**/api/boards/*/{members,guests,links,invites}*', async (route) => {
      await isLoaded
      await route.continue()
    })
    await page.getByRole('button', { name: 'Share' }).click()
    const create = page.getByRole('button', { name: 'Create link' })
    await create.waitFor()
    const { x, y, width, height } = (await create.boundingBox())!
    await page.mouse.move(x + width / 2, y + height - 4)
    await page.mouse.down()
    load()
    await page.getByRole('list', { name: 'Members' }).getByRole('listitem').waitFor()
    await page.mouse.up()
    await page.getByLabel('Link', { exact: true }).waitFor()
  })

  test('an invite for another email can be accepted with that account', async ({
    visit,
    remotely,
  }) => {
    const ada = await remotely('inviting@example.com')
    const [workspace] = (await ada('GET', '/workspaces')).items
    const board = await ada('POST', `/workspaces/${workspace.id}/boards`, { name: 'Shared' })
    const email = 'right@example.com'
    const invite = await ada('POST', `/boards/${board.id}/invite`, { role: 'editor', email })
    const { page, isTold } = await visit('wrong@example.com')
    await page.goto(invite.url)
    await page.getByRole('button', { name: 'Open board' }).click()
    await page.getByText('This invite is for \u2068r***@example.com\u2069').waitFor()
    await page.getByText('This invite is for another email').waitFor()
    await page.getByRole('link', { name: 'Use another account' }).click()
    await signInAs(page, email)
    await page.getByRole('button', { name: 'Open board' }).click()
    await isTold('Saved')
  })

  test.for(['deleted', 'left'])(
    'lists of a workspace that was %s are gone at once',
    async (how, { visit, baseUrl, remotely }) => {
      const email = `member-${how}@example.com`
      const ada = await remotely('managing@example.com')
      const member = await remotely(email)
      const workspace = await ada('POST', '/workspaces', { name: 'Team' })
      const path = `/workspaces/${workspace.id}`
      const offer = await ada('POST', `${path}/members`, { email })
      await member('POST', `/memberships/${offer.id}/accept`)
      const list = await visit(email)
      const trash = await list.context.newPage()
      await list.page.goto(baseUrl + path)
      await boards(list.page)
      await trash.goto(`${baseUrl}${path}/trash`)
      await trash.getByText('The trash is empty.').waitFor()
      const { id } = await member('GET', '/auth/me')
      await ada('DELETE', how === 'left' ? `${path}/members/${id}` : path)
      for (const page of [list.page, trash]) await heading(page, 'Page not found')
      await list.page.reload()
      await heading(list.page, 'Page not found')
      await list.page.getByRole('link', { name: 'Go to my boards' }).click()
      await boards(list.page)
    },
  )

  test('signing out in one tab is shown in all of them', async ({ visit, baseUrl }) => {
    const { page, context, isTold } = await visit('leaving@example.com')
    await addBoard(page)
    await isTold('Saved')
    const list = await context.newPage()
    await list.goto(baseUrl)
    await boards(list)
    const trash = await context.newPage()
    await trash.goto(baseUrl)
    await trash.getByRole('link', { name: 'Trash' }).click()
    await trash.getByText('The trash is empty.').waitFor()
    const last = await context.newPage()
    await last.goto(baseUrl)
    await last.getByRole('button', { name: 'Account' }).click()
    await last.getByRole('menuitem', { name: 'Sign out' }).click()
    await heading(last, 'Draw together')
    for (const other of [page, list, trash]) await heading(other, 'You are signed out')
    await picture(list, 'signed-out')
    await list.getByRole('link', { name: 'Sign in' }).click()
    await signInAs(list, 'leaving@example.com')
    await boards(list)
  })
})
