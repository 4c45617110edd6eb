import { createServer } from 'node:http'
import { callApi } from '@mindfuse/testing'
import type { Frame, Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { pickPort } from '../support/ports.ts'
import { test as base, chromium } from '../support/web-fixtures.ts'

/** A page of a product: it answers what the frame asks as docs/EMBEDDING.md shows. */
const pageWith = (mindfuse: string, path: string) => `<!doctype html>
<title>Product</title>
<iframe id="board" src="${mindfuse}${path}" width="1000" height="700"></iframe>
<script>
  const board = document.querySelector('#board')
  addEventListener('message', async ({ source, origin, data }) => {
    if (source !== board.contentWindow || origin !== '${mindfuse}' || data?.type !== 'mindfuse:get-token') return
    const response = await fetch('/mindfuse-token' + location.search, { method: 'POST' })
    const token = response.ok ? await response.json() : null
    board.contentWindow.postMessage({ type: 'mindfuse:token', token }, '${mindfuse}')
  })
</script>`

const test = base
  .extend('port', { scope: 'file' }, () => pickPort())
  .extend('environment', { scope: 'file' }, ({ port }) => ({
    EMBED_ORIGINS: `http://localhost:${port}`,
  }))
  /** A board of a workspace that has a product, and what mints tokens for the product's users. */
  .extend('board', { scope: 'file' }, async ({ baseUrl, remotely }) => {
    const ask = await remotely('ada@example.com')
    const { id: workspaceId } = await ask('POST', '/workspaces', { name: 'Product' })
    const { id } = await ask('POST', `/workspaces/${workspaceId}/boards`, { name: 'Document' })
    const keys = `/workspaces/${workspaceId}/keys`
    const { id: keyId, key } = await ask('POST', keys, {
      name: 'Backend',
      scopes: ['tokens:create'],
    })
    return {
      id: id as string,
      share: async () =>
        (await ask('POST', `/boards/${id}/links`, { role: 'editor' })).url as string,
      revokeKey: () => ask('DELETE', `${keys}/${keyId}`),
      async mint(name: string) {
        const user = { externalId: name, name }
        const body = { user, boards: { [id]: 'editor' } }
        const minted = await callApi(`${baseUrl}/api/auth/tokens`, { token: key, body })
        if (minted.status !== 200) return undefined
        const { accessToken, expiresAt, user: appUser } = minted.body
        return JSON.stringify({ accessToken, expiresAt, userId: appUser.id })
      },
    }
  })
  /** The product's server, with a page around any path of Mindfuse. */
  .extend('product', { scope: 'file' }, async ({ port, baseUrl, board }, { onCleanup }) => {
    const server = createServer(async (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://product')
      const name = searchParams.get('user')
      if (request.method === 'GET') {
        response.setHeader('content-type', 'text/html').end(pageWith(baseUrl, pathname))
        return
      }
      const token = name ? await board.mint(name) : undefined
      response.writeHead(token === undefined ? 401 : 200).end(token)
    })
    await new Promise<void>((resolve) => server.listen(port, resolve))
    onCleanup(() => void server.close())
    return (path: string, host = 'localhost') => `http://${host}:${port}${path}`
  })

async function frameOf(page: Page): Promise<Frame> {
  const frame = await (await page.locator('#board').elementHandle())?.contentFrame()
  if (!frame) throw new Error('no frame')
  return frame
}

describe.skipIf(!chromium)('a board in a frame', () => {
  test('is drawn on by a user of the product, beside a person and a guest, until the key ends', async ({
    visit,
    product,
    board,
    baseUrl,
  }) => {
    const ada = await visit('ada@example.com')
    await ada.open(`${baseUrl}/boards/${board.id}`)
    const zoe = await visit()
    await zoe.page.goto(product(`/embed/boards/${board.id}?user=Zo%C3%AB`))
    const frame = await frameOf(zoe.page)
    await frame.getByText('Saved', { exact: true }).waitFor()
    const grace = await visit()
    await grace.page.goto(await board.share())
    await grace.page.getByLabel('Your name').fill('Grace')
    await grace.page.getByRole('button', { name: 'Open board' }).click()
    await grace.isTold('Saved')
    for (const page of [ada.page, grace.page]) {
      await page.getByRole('button', { name: 'Go to the view of Zoë (app user)' }).waitFor()
    }
    for (const page of [ada.page, frame]) {
      await page.getByRole('button', { name: 'Go to the view of Grace (guest)' }).waitFor()
    }
    for (const name of ['Share', 'All boards', 'Sign in']) {
      expect(await frame.getByRole('button', { name }).count()).toBe(0)
      expect(await frame.getByRole('link', { name }).count()).toBe(0)
    }
    await frame.locator('canvas.interactive').click({ position: { x: 300, y: 300 } })
    await zoe.page.keyboard.press('r')
    await zoe.drag([350, 300], [550, 420])
    await ada.sees(1)
    await board.revokeKey()
    await frame.getByRole('alertdialog').waitFor()
  })

  test('of who is signed in nowhere says so', async ({ visit, product, board }) => {
    const { page } = await visit()
    await page.goto(product(`/embed/boards/${board.id}`))
    await (await frameOf(page)).getByRole('heading', { name: 'You are signed out' }).waitFor()
  })

  test('is shown on pages of EMBED_ORIGINS alone, and no other page of Mindfuse is', async ({
    visit,
    product,
    board,
    baseUrl,
  }) => {
    const { page } = await visit('ada@example.com')
    const shown = async (url: string) => {
      await page.goto(url)
      return (await frameOf(page)).url()
    }
    const embedded = `/embed/boards/${board.id}`
    expect(await shown(product(embedded))).toBe(baseUrl + embedded)
    expect(await shown(product(embedded, '127.0.0.1'))).toMatch(/^chrome-error:/)
    expect(await shown(product(`/boards/${board.id}`))).toMatch(/^chrome-error:/)
    expect(await shown(product('/'))).toMatch(/^chrome-error:/)
  })
})
