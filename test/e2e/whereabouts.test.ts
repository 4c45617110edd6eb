import { connectChannels, eventually, signIn } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { offerAndAccept } from '../support/people.ts'
import { picture } from '../support/visitor.ts'
import { test as base, chromium } from '../support/web-fixtures.ts'

const ADA = 'ada.lovelace@example.com'
const GRACE = 'grace.hopper@example.com'
const ALAN = 'alan.turing@example.com'

/** Chromium reports the status of requests that are refused itself. */
const HARMLESS = /Failed to load resource/

const test = base
  .extend('ada', { scope: 'file' }, ({ baseUrl }) => signIn(baseUrl, ADA))
  .extend('workspaceId', async ({ remotely }): Promise<string> => {
    const call = await remotely(ADA)
    return (await call('POST', '/workspaces', { name: 'Engines' })).id
  })
  /** Signs somebody in who is a member of the workspace from then on. */
  .extend('joins', ({ baseUrl, ada, workspaceId }) => async (email: string) => {
    const whom = await signIn(baseUrl, email)
    const answer = await offerAndAccept({ apiUrl: baseUrl }, workspaceId, { by: ada, whom })
    expect(answer.status).toBeLessThan(300)
    return whom
  })
  .extend('newBoard', ({ remotely, workspaceId }) => async (name: string): Promise<string> => {
    const call = await remotely(ADA)
    return (await call('POST', `/workspaces/${workspaceId}/boards`, { name })).id
  })

describe.skipIf(!chromium)('the list of boards', () => {
  test('shows who has which open, and leads to their view', async ({
    visit,
    joins,
    baseUrl,
    workspaceId,
    newBoard,
  }) => {
    const [plan, notes] = [await newBoard('Plan'), await newBoard('Notes')]
    await joins(GRACE)
    const [ada, grace] = [await visit(ADA), await visit(GRACE)]
    await grace.page.goto(`${baseUrl}/workspaces/${workspaceId}`)
    const cardOf = (name: string) =>
      grace.page.getByRole('listitem').filter({ has: grace.page.getByText(name, { exact: true }) })
    const avatarsOn = (name: string) => cardOf(name).getByRole('link', { name: /^Go to the view/ })
    await cardOf('Plan').first().waitFor()

    await ada.open(`${baseUrl}/boards/${plan}`)
    await avatarsOn('Plan').first().waitFor()
    expect(await avatarsOn('Notes').count()).toBe(0)
    await ada.open(`${baseUrl}/boards/${notes}`)
    await avatarsOn('Notes').first().waitFor()
    await eventually('she has left the other', async () => (await avatarsOn('Plan').count()) === 0)
    await picture(grace.page, 'whereabouts')

    for (let i = 0; i < 4; i++) await ada.page.getByRole('button', { name: /^Zoom in/ }).click()
    const { zoom } = await ada.shown()
    expect(zoom).toBeGreaterThan(1)
    await avatarsOn('Notes').first().click()
    await grace.isTold('Saved')
    await eventually('she sees what Ada sees', async () => (await grace.shown()).zoom === zoom)
    expect(grace.page.url()).toBe(`${baseUrl}/boards/${notes}`)

    await grace.page.goBack()
    await avatarsOn('Notes').first().waitFor()
    await ada.page.getByRole('link', { name: 'All boards' }).click()
    await eventually('she has left', async () => (await avatarsOn('Notes').count()) === 0)
    const complaints = [ada, grace].flatMap((visitor) => visitor.complaints)
    expect(complaints.filter((line) => !HARMLESS.test(line))).toEqual([])
  })

  test('shows three people and a count, and nobody who is not in the workspace', async ({
    visit,
    joins,
    baseUrl,
    gatewayUrl,
    remotely,
    workspaceId,
    newBoard,
    onTestFinished,
  }) => {
    const board = await newBoard('Plan')
    const topic = `workspace:${workspaceId}`
    const present = async (email: string, state: unknown) => {
      const { accessToken: token } = await joins(email)
      const client = await connectChannels({ realtimeUrl: gatewayUrl, token })
      onTestFinished(() => client.destroy())
      expect(await client.ask({ type: 'channel:join', topic })).not.toHaveProperty('code')
      await client.ask({ type: 'channel:presence', topic, state })
    }
    for (let i = 0; i < 5; i++) await present(`person-${i}@example.com`, { board })
    // Of clients that say something else.
    const others = ['here', 1, [board], { board: 1 }, { board: 'x' }]
    for (const [i, state] of others.entries()) await present(`stranger-${i}@example.com`, state)
    // Who was invited to the board alone has it open, and is not listed.
    const owner = await remotely(ADA)
    const { token } = await owner('POST', `/boards/${board}/invite`, { role: 'editor' })
    await (await remotely(ALAN))('POST', `/invites/${token}/accept`)
    const alan = await visit(ALAN)
    await alan.open(`${baseUrl}/boards/${board}`)

    const ada = await visit(ADA)
    await ada.page.goto(`${baseUrl}/workspaces/${workspaceId}`)
    const people = ada.page.getByRole('list', { name: 'People on this board' })
    await people.getByText('+2', { exact: true }).waitFor()
    expect(await people.getByRole('link').count()).toBe(3)
    await picture(ada.page, 'whereabouts-many')
    expect(alan.complaints).toEqual([])
  })
})
