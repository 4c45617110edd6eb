import { randomUUID } from 'node:crypto'
import { signIn } from '@mindfuse/testing'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { seriousViolations } from '../support/axe.ts'
import { shiftsOf, slowDown, unisolatedNames, watchShifts } from '../support/page-checks.ts'
import { picture, type Visitor } from '../support/visitor.ts'
import { chromium, testWith } from '../support/web-fixtures.ts'

const ADA = 'ada.lovelace@example.com'
const GRACE = 'grace.hopper@example.com'

/** Names from right to left, with what may end up on the wrong side of them. */
const NAMES = {
  ada: 'עדה לאבלייס (ועד 7)',
  grace: 'غريس هوبر',
  workspace: 'צוות 7 – בית!',
  board: 'תוכנית (2030)',
  version: 'לפני השינוי!',
  trashed: 'مسودة قديمة (3)',
}

/** From a phone to a large screen, CSS pixels. */
const WIDTHS = [360, 768, 1_440, 2_560]

/** Where Chrome begins to call a page good is 0.1. */
const MAX_SHIFT = 0.02

const test = testWith({ ADMIN_EMAILS: ADA }).extend(
  'scene',
  { scope: 'file' },
  async ({ remotely, baseUrl }) => {
    const ada = await remotely(ADA)
    const grace = await remotely(GRACE)
    await ada('PATCH', '/auth/me', { name: NAMES.ada })
    await grace('PATCH', '/auth/me', { name: NAMES.grace })
    const workspace = await ada('POST', '/workspaces', { name: NAMES.workspace })
    const boards = `/workspaces/${workspace.id}/boards`
    const board = await ada('POST', boards, { name: NAMES.board })
    const trashed = await ada('POST', boards, { name: NAMES.trashed })
    await ada('DELETE', `/boards/${trashed.id}`)
    await ada('POST', `/workspaces/${workspace.id}/members`, { email: 'invited@example.com' })
    await ada('POST', `/workspaces/${workspace.id}/keys`, {
      name: NAMES.version,
      scopes: ['boards:read'],
    })
    const invite = await ada('POST', `/boards/${board.id}/invite`, { role: 'editor' })
    await grace('POST', `/invites/${invite.token}/accept`)
    const link = await ada('POST', `/boards/${board.id}/links`, {
      role: 'editor',
      label: NAMES.version,
    })
    const version = await ada('POST', `/boards/${board.id}/versions`, { name: NAMES.version })
    await drawOn(baseUrl, board.id)
    const other = await grace('POST', '/workspaces', { name: NAMES.workspace })
    await grace('POST', `/workspaces/${other.id}/members`, { email: ADA })
    return {
      workspace: `/workspaces/${workspace.id}`,
      board: `/boards/${board.id}`,
      trashed: `/boards/${trashed.id}`,
      version: version.id as string,
      invite: `/invites/${invite.token}`,
      link: `/links/${link.token}`,
    }
  },
)

/** Puts a rectangle on a board. */
async function drawOn(baseUrl: string, boardId: string): Promise<void> {
  const { accessToken } = await signIn(baseUrl, ADA)
  const rectangle = { id: 'one', type: 'rectangle', x: 0, y: 0, width: 120, height: 80 }
  const { ok } = await fetch(`${baseUrl}/api/boards/${boardId}/import`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${accessToken}`,
      'content-type': 'application/vnd.excalidraw+json',
    },
    body: JSON.stringify({ type: 'excalidraw', version: 2, elements: [rectangle] }),
  })
  expect(ok).toBe(true)
}

interface Scene {
  workspace: string
  board: string
  trashed: string
  version: string
  invite: string
  link: string
}

/** A page, who opens it, and when all of it is there. */
interface Shown {
  as: typeof ADA | typeof GRACE | undefined
  path: (scene: Scene) => string
  until: (page: Page) => Promise<unknown>
}

const heading = (name: string) => (page: Page) => page.getByRole('heading', { name }).waitFor()
const words = (text: string) => (page: Page) => page.getByText(text).first().waitFor()

const PAGES: Record<string, Shown> = {
  list: { as: ADA, path: ({ workspace }) => workspace, until: words(NAMES.board) },
  'shared-boards': { as: GRACE, path: () => '/', until: words(NAMES.board) },
  trash: { as: ADA, path: ({ workspace }) => `${workspace}/trash`, until: words(NAMES.trashed) },
  general: {
    as: ADA,
    path: ({ workspace }) => `${workspace}/settings/general`,
    until: heading('Guests'),
  },
  members: {
    as: ADA,
    path: ({ workspace }) => `${workspace}/settings/members`,
    until: words('invited@example.com'),
  },
  keys: {
    as: ADA,
    path: ({ workspace }) => `${workspace}/settings/keys`,
    until: words(NAMES.version),
  },
  usage: {
    as: ADA,
    path: ({ workspace }) => `${workspace}/settings/usage`,
    until: words('Storage of boards'),
  },
  audit: {
    as: ADA,
    path: ({ workspace }) => `${workspace}/settings/audit`,
    until: (page) => page.getByRole('list', { name: 'Audit log' }).waitFor(),
  },
  account: { as: ADA, path: () => '/account', until: words('This browser') },
  share: {
    as: ADA,
    path: ({ board }) => board,
    until: async (page) => {
      await page.locator('.save-state', { hasText: 'Saved' }).waitFor()
      await page.getByRole('button', { name: 'Share' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText(NAMES.grace).waitFor()
      await dialog.getByText(NAMES.version).waitFor()
    },
  },
  versions: {
    as: ADA,
    path: ({ board }) => `${board}/versions`,
    until: words(NAMES.version),
  },
  compare: {
    as: ADA,
    path: ({ board, version }) => `${board}/versions?look=${version}&with=now`,
    until: async (page) => {
      await page.getByRole('status').getByText('1 added').waitFor()
      await page.getByRole('region', { name: 'Now' }).locator('canvas').first().waitFor()
    },
  },
  operations: {
    as: ADA,
    path: () => '/operations',
    until: (page) => page.getByRole('table', { name: 'APIs' }).getByText('Ready').waitFor(),
  },
  'choose-provider': { as: undefined, path: () => '/sign-in', until: words('Mindfuse') },
  'signed-out': { as: undefined, path: () => '/', until: heading('Draw together') },
  invite: { as: GRACE, path: ({ invite }) => invite, until: words(NAMES.board) },
  link: { as: undefined, path: ({ link }) => link, until: words(NAMES.board) },
  'no-link': { as: undefined, path: () => '/links/none', until: heading('Link not found') },
  'no-page': { as: ADA, path: () => '/nowhere', until: heading('Page not found') },
  'no-board': {
    as: ADA,
    path: () => `/boards/${randomUUID()}`,
    until: heading('This board does not open'),
  },
  'trashed-board': { as: ADA, path: ({ trashed }) => trashed, until: words('was moved there') },
}

/** Screenshots that people look at, where there is a folder for them. */
async function takePictures(page: Page, name: string): Promise<void> {
  if (!process.env.WEB_SCREENSHOTS) return
  const take = async (kind: string) => {
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 })
      await picture(page, `pages-${name}-${kind}-${width}`)
    }
  }
  await take('light')
  await page.emulateMedia({ colorScheme: 'dark' })
  await take('dark')
  await page.emulateMedia({ colorScheme: 'light' })
  // As another tab does it.
  await page.evaluate(`(() => {
    localStorage.setItem('mindfuse:language', 'zh')
    dispatchEvent(new StorageEvent('storage', { key: 'mindfuse:language' }))
  })()`)
  await page.locator('html[lang^=zh]').waitFor()
  await take('zh')
}

/** Expects that nothing is beside the screen, whatever its width. */
async function expectToFit(page: Page): Promise<void> {
  const widths: unknown[] = []
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 })
    widths.push(await page.evaluate('document.documentElement.scrollWidth'))
  }
  expect(widths).toEqual(WIDTHS)
}

describe.skipIf(!chromium)('a page', () => {
  test.for(Object.keys(PAGES))(
    '%s: stands still while it loads, fits each screen, is for everyone, and keeps names in their direction',
    async (name, { visit, baseUrl, scene }) => {
      const { as, path, until } = PAGES[name]!
      const { page, complaints }: Visitor = await visit(as)
      await watchShifts(page)
      await slowDown(page)
      await page.goto(baseUrl + path(scene))
      await until(page)
      await expect.poll(() => page.locator('.skeleton').count()).toBe(0)
      const { sum, moved } = await shiftsOf(page)
      expect(sum, moved.join('\n')).toBeLessThanOrEqual(MAX_SHIFT)

      expect(await seriousViolations(page)).toEqual([])
      expect(await unisolatedNames(page)).toEqual([])
      await expectToFit(page)
      await page.evaluate(`document.documentElement.dir = 'rtl'`)
      await expectToFit(page)
      await picture(page, `pages-${name}-rtl`)
      await page.evaluate(`document.documentElement.dir = 'ltr'`)
      await takePictures(page, name)
      // Chromium reports refusals itself: of requests, and of the connection to a board that is none.
      const isRefusal = (text: string) => /status of 40[04]|response code: 404$/.test(text)
      expect(complaints.filter((text) => !isRefusal(text))).toEqual([])
    },
  )
})
