import { createClient } from '@mindfuse/client'
import { callApi, eventually } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import WebSocket from 'ws'
import { picture } from '../support/visitor.ts'
import { chromium, test } from '../support/web-fixtures.ts'

describe.skipIf(!chromium)('keys in the web app', () => {
  test('a key is shown once, works for its boards, and ends when it is revoked', async ({
    visit,
    baseUrl,
    remotely,
  }) => {
    const email = 'ada.lovelace@example.com'
    const ada = await remotely(email)
    const [workspace] = (await ada('GET', '/workspaces')).items
    const boards = `/workspaces/${workspace.id}/boards`
    const [plans, diary] = [
      await ada('POST', boards, { name: 'Plans' }),
      await ada('POST', boards, { name: 'Diary' }),
    ]
    const { page, complaints } = await visit(email)
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('link', { name: 'Keys' }).click()
    await page.getByRole('button', { name: 'New key' }).click()
    await page.getByLabel('Name', { exact: true }).fill('Nightly export')
    await page.getByLabel('boards:read').check()
    await page.getByLabel('Boards of this key').selectOption({ label: 'Only some boards…' })
    await page.getByLabel('Plans').check()
    await page
      .getByLabel('End of this key', { exact: true })
      .selectOption({ label: 'Ends in 1 day' })
    await picture(page, 'new-key')
    await page.getByRole('button', { name: 'Create key' }).click()
    const field = page.getByLabel('Key', { exact: true })
    const token = await field.inputValue()
    expect(token).toMatch(/^mf_\w+$/)
    await picture(page, 'key-created')
    const read = async (boardId: string) =>
      (await callApi(`${baseUrl}/api/boards/${boardId}`, { token })).status
    expect(await read(plans.id)).toBe(200)
    expect(await read(diary.id)).toBe(404)

    await page.keyboard.press('Escape')
    await field.waitFor({ state: 'detached' })
    await page.reload()
    const key = page.getByRole('list', { name: 'Keys' }).getByRole('listitem')
    await key.getByText(/Nightly export mf_/).waitFor()
    await key.getByText(/boards:read · boards: 1 · Ends .* · by Ada Lovelace/).waitFor()
    expect(await page.content()).not.toContain(token)
    await picture(page, 'keys')
    await key.getByRole('button', { name: 'Revoke' }).click()
    const asked = page.getByRole('alertdialog', { name: 'Revoke this key' })
    await asked.getByRole('button', { name: 'Revoke', exact: true }).click()
    await key.waitFor({ state: 'detached' })
    await expect.poll(() => read(plans.id)).toBe(401)
    expect(complaints).toEqual([])
  })

  test('a program on a board is marked as one', async ({
    visit,
    baseUrl,
    gatewayUrl: realtimeUrl,
    remotely,
    onTestFinished,
  }) => {
    const email = 'ada.lovelace@example.com'
    const ada = await remotely(email)
    const [workspace] = (await ada('GET', '/workspaces')).items
    const path = `/workspaces/${workspace.id}`
    const { key } = await ada('POST', `${path}/keys`, { name: 'Robot', scopes: ['boards:write'] })
    const board = await ada('POST', `${path}/boards`, { name: 'Watched' })
    const { page, open, shown } = await visit(email)
    await open(`${baseUrl}/boards/${board.id}`)
    const program = createClient({ apiUrl: baseUrl, realtimeUrl, key, environment: { WebSocket } })
    onTestFinished(() => program.close())
    program.board(board.id).presence.update({ cursor: { x: 0, y: 0 } })
    await page.getByRole('button', { name: 'Go to the view of Robot (program)' }).waitFor()
    await eventually('its cursor is marked too', async () => {
      const { others } = await shown()
      return others.some(({ username, pointer }) => username === 'Robot (program)' && pointer)
    })
    await picture(page, 'board-with-a-program')
  })

  test('members find neither keys nor the setting for guests', async ({
    visit,
    baseUrl,
    remotely,
  }) => {
    const owner = await remotely('ada.lovelace@example.com')
    const member = await remotely('alan.turing@example.com')
    const team = await owner('POST', '/workspaces', { name: 'Team' })
    const path = `/workspaces/${team.id}`
    const email = 'alan.turing@example.com'
    const offer = await owner('POST', `${path}/members`, { email, role: 'member' })
    await member('POST', `/memberships/${offer.id}/accept`)
    const { page } = await visit(email)
    await page.goto(baseUrl + path)
    await page.getByRole('heading', { name: 'Team' }).waitFor()
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('heading', { name: 'Leave this workspace' }).waitFor()
    const sections = page.getByRole('navigation', { name: 'Settings' }).getByRole('link')
    expect(await sections.allTextContents()).toEqual(['General', 'Members', 'Usage'])
    expect(await page.getByLabel('Guests may').count()).toBe(0)
    for (const section of ['keys', 'audit']) {
      await page.goto(`${baseUrl}${path}/settings/${section}`)
      await page.getByRole('heading', { name: 'Page not found' }).waitFor()
    }
  })
})
