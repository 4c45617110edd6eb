import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type ElementInput, readScene, type SceneElement, writeElements } from '@mindfuse/scene'
import { signIn } from '@mindfuse/testing'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import * as Y from 'yjs'
import { buildPage } from '../support/build-page.ts'
import { pickPort } from '../support/ports.ts'
import { connectSdk } from '../support/sdk.ts'
import { serveFiles } from '../support/static-server.ts'
import { test as base, chromium } from '../support/web-fixtures.ts'

const EXAMPLE = new URL('../../examples/react-excalidraw/', import.meta.url)

/** The first test waits for the build, milliseconds. */
const TIMEOUT_MS = 300_000

const test = base
  .extend('ports', { scope: 'file' }, async () => [await pickPort(), await pickPort()] as const)
  .extend('environment', { scope: 'file' }, ({ ports: [api, realtime] }) => ({
    API_PORT: `${api}`,
    REALTIME_PORT: `${realtime}`,
  }))
  /** The built example. */
  .extend('dist', { scope: 'file' }, async ({ ports: [api, realtime] }, { onCleanup }) => {
    const outDir = await buildPage(EXAMPLE, {
      VITE_API_URL: `http://localhost:${api}`,
      VITE_REALTIME_URL: `ws://localhost:${realtime}/ws`,
    })
    onCleanup(() => rm(outDir, { recursive: true }))
    return outDir
  })
  /** Serves it with a content security policy as strict as Excalidraw allows. */
  .extend('pageUrl', { scope: 'file' }, async ({ dist, ports: [api, realtime] }, { onCleanup }) => {
    const policy = `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';
      font-src 'self' data:; img-src 'self' data: blob:; worker-src 'self' blob:;
      connect-src 'self' http://localhost:${api} ws://localhost:${realtime}`
    const headers = { 'content-security-policy': policy.replace(/\s+/g, ' ') }
    const server = await serveFiles(dist, headers)
    onCleanup(server.stop)
    return server.url
  })
  .extend('boardId', async ({ remotely }) => {
    const ada = await remotely('ada@example.com')
    const { items } = await ada('GET', '/workspaces')
    const { id } = await ada('POST', `/workspaces/${items[0].id}/boards`, { name: 'Plan' })
    const { token } = await ada('POST', `/boards/${id}/invite`, { role: 'editor' })
    const alan = await remotely('alan@example.com')
    await alan('POST', `/invites/${token}/accept`, {})
    return id as string
  })
  /** The document, as a program sees it. */
  .extend('board', async ({ baseUrl, gatewayUrl, boardId }, { onCleanup }) => {
    const person = await signIn(baseUrl, 'ada@example.com')
    const client = connectSdk({ apiUrl: baseUrl, realtimeUrl: gatewayUrl }, person)
    onCleanup(() => client.close())
    const opened = client.board(boardId)
    await opened.whenSynced()
    return opened
  })
  .extend(
    'elements',
    ({ board }) =>
      () =>
        [...readScene(board.doc).elements] as (SceneElement & Record<string, any>)[],
  )
  /** Opens the board in the example, in a browser of this person. */
  .extend('openAs', ({ visit, pageUrl, boardId }) => async (email: string) => {
    const { page, complaints } = await visit(email)
    const requested: string[] = []
    page.on('request', (request) => requested.push(request.url()))
    await page.goto(`${pageUrl}/?board=${boardId}`)
    await page.getByText('Saved', { exact: true }).waitFor()
    return { page, complaints, requested }
  })

async function drag(page: Page, key: string, from: [number, number], to: [number, number]) {
  // Excalidraw has the keyboard once it was clicked.
  await page.mouse.click(1_000, 650)
  await page.keyboard.press(key)
  await page.mouse.move(...from)
  await page.mouse.down()
  await page.mouse.move(...to, { steps: 8 })
  await page.mouse.up()
}

/** Whether there is anything drawn in a square around a point. */
const isDrawnAt = (page: Page, x: number, y: number): Promise<boolean> =>
  // A string: this project has no DOM types.
  page.evaluate(`(() => {
    const canvas = document.querySelector('canvas.excalidraw__canvas.static')
    const scale = canvas.width / canvas.clientWidth
    const [left, top, size] = [${x} - 8, ${y} - 8, 16].map((value) => value * scale)
    const { data } = canvas.getContext('2d').getImageData(left, top, size, size)
    return data.some((value, i) => i % 4 < 3 && value < 200)
  })()`)

/** What is drawn over the canvas with lasers, as paths. */
const trails = (page: Page): Promise<string[]> =>
  page.evaluate(`[...document.querySelectorAll('.SVGLayer path')]
    .map((path) => path.getAttribute('d') ?? '')
    .filter((path) => path !== '')`)

const rectangle = (id: string, x: number, y: number): ElementInput => ({
  id,
  type: 'rectangle',
  x,
  y,
  width: 120,
  height: 80,
  backgroundColor: '#a5d8ff',
  fillStyle: 'solid',
})

describe.skipIf(!chromium)('the example', { timeout: TIMEOUT_MS }, () => {
  test('holds no address of a CDN, and has fonts of its own', async ({ dist }) => {
    const files = await readdir(dist, { recursive: true })
    expect(
      files.filter((file) => /^assets\/excalidraw-[^/]+\/fonts\//.test(file)).length,
    ).toBeGreaterThan(200)
    for (const file of files.filter((name) => name.endsWith('.js'))) {
      expect(await readFile(join(dist, file), 'utf8')).not.toContain('esm.sh')
    }
  })

  test('shows one what the other draws, once the pointer is up, and nothing is refused', async ({
    openAs,
    elements,
    board,
  }) => {
    const ada = await openAs('ada@example.com')
    const alan = await openAs('alan@example.com')
    let edits = 0
    board.doc.on('update', () => edits++)
    await drag(ada.page, 'r', [300, 300], [500, 420])
    await expect.poll(() => isDrawnAt(alan.page, 300, 360)).toBe(true)
    expect(edits).toBe(1)
    expect(elements()).toMatchObject([{ type: 'rectangle', width: 200, height: 120 }])
    await ada.page.getByText('Saved', { exact: true }).waitFor()

    await ada.page.keyboard.press('Control+z')
    await expect.poll(elements).toEqual([])
    await ada.page.keyboard.press('Control+Shift+z')
    await expect.poll(() => elements().length).toBe(1)
    // What Ada drew is not Alan's to undo.
    await alan.page.mouse.click(1_000, 650)
    await alan.page.keyboard.press('Control+z')
    await drag(alan.page, 'o', [700, 300], [800, 400])
    await expect.poll(() => elements().length).toBe(2)
    for (const { complaints, requested } of [ada, alan]) {
      expect(complaints).toEqual([])
      expect(
        requested.filter((url) => !/^(http|ws):\/\/localhost:|^(data|blob):/.test(url)),
      ).toEqual([])
    }
  })

  test('shows a stroke as it is drawn, and writes it once', async ({ openAs, elements, board }) => {
    const ada = await openAs('ada@example.com')
    const alan = await openAs('alan@example.com')
    await ada.page.mouse.click(1_000, 650)
    await ada.page.keyboard.press('p')
    await ada.page.mouse.move(300, 300)
    await ada.page.mouse.down()
    await ada.page.mouse.move(500, 300, { steps: 20 })
    await expect.poll(() => isDrawnAt(alan.page, 480, 300)).toBe(true)
    await ada.page.mouse.move(500, 500, { steps: 20 })
    await expect.poll(() => isDrawnAt(alan.page, 500, 480)).toBe(true)
    let edits = 0
    board.doc.on('update', () => edits++)
    await ada.page.mouse.up()
    await expect.poll(() => edits).toBe(1)
    expect(elements()).toMatchObject([{ type: 'freedraw', points: { length: expect.any(Number) } }])
    await expect.poll(() => board.drafts.others().size).toBe(0)
    expect(await isDrawnAt(alan.page, 500, 480)).toBe(true)
    // Nobody else writes it, or shows it twice.
    await drag(alan.page, 'r', [700, 300], [800, 400])
    await expect.poll(() => elements().length).toBe(2)
  })

  test('shows where one points with the laser, and keeps nothing of it', async ({
    openAs,
    board,
  }) => {
    const ada = await openAs('ada@example.com')
    const alan = await openAs('alan@example.com')
    let edits = 0
    board.doc.on('update', () => edits++)
    await ada.page.mouse.click(1_000, 650)
    await ada.page.keyboard.press('k')
    await ada.page.mouse.move(300, 300)
    await ada.page.mouse.down()
    let x = 300
    // A trail fades within a second, so it has to go on while it is looked for.
    await expect
      .poll(async () => {
        x = x === 300 ? 700 : 300
        await ada.page.mouse.move(x, 300, { steps: 10 })
        return trails(alan.page)
      })
      .toEqual([expect.stringMatching(/^M[\d.]+/)])
    await ada.page.mouse.up()
    await expect.poll(() => trails(alan.page)).toEqual([])
    expect(edits).toBe(0)
    expect(alan.complaints).toEqual([])
  })

  test('moves a bound arrow with what it is bound to, whoever moves that', async ({
    openAs,
    elements,
    board,
  }) => {
    board.edit((doc) => writeElements(doc, [rectangle('a', 200, 300), rectangle('b', 600, 300)]))
    const ada = await openAs('ada@example.com')
    const alan = await openAs('alan@example.com')
    const arrow = () => elements().find(({ type }) => type === 'arrow')
    await drag(ada.page, 'a', [330, 340], [590, 340])
    await expect.poll(arrow).toMatchObject({
      startBinding: { elementId: 'a' },
      endBinding: { elementId: 'b' },
    })
    const before = arrow()?.points.at(-1)
    await expect.poll(() => isDrawnAt(alan.page, 450, 340)).toBe(true)
    await drag(alan.page, 'v', [660, 340], [660, 540])
    await expect.poll(() => elements().find(({ id }) => id === 'b')?.y).toBeGreaterThan(450)
    await expect.poll(() => arrow()?.points.at(-1)[1] - before[1]).toBeGreaterThan(100)
    expect(arrow()).toMatchObject({ endBinding: { elementId: 'b' } })
  })

  test('shows a board from before Excalidraw, and takes over what is moved', async ({
    openAs,
    elements,
    board,
  }) => {
    const shapes = board.doc.getMap<Y.Map<unknown>>('shapes')
    const common = { type: 'sticky', y: 300, w: 120, h: 80, color: 'blue' }
    board.edit(() => {
      for (const [i, id] of ['one', 'two'].entries()) {
        const text = new Y.Text(`note ${id}`)
        const shape = { ...common, x: 300 + 300 * i, order: `a${i}`, text }
        shapes.set(id, new Y.Map<unknown>(Object.entries(shape)))
      }
    })
    const { page } = await openAs('ada@example.com')
    await expect.poll(() => isDrawnAt(page, 360, 340)).toBe(true)
    expect([shapes.size, board.doc.getMap('elements').size]).toEqual([2, 0])
    await drag(page, 'v', [310, 310], [310, 510])
    await expect.poll(() => elements().find(({ id }) => id === 'one')?.y).toBeGreaterThan(450)
    expect(elements().map(({ id, y }) => [id, y > 450])).toEqual([
      ['one', true],
      ['one-text', true],
      ['two', false],
      ['two-text', false],
    ])
    expect([...shapes.keys()]).toEqual(['two'])
  })

  test('takes back what somebody moves who becomes a viewer meanwhile, and says so', async ({
    openAs,
    elements,
    board,
    remotely,
    boardId,
  }) => {
    board.edit((doc) => writeElements(doc, [rectangle('a', 300, 300)]))
    const { page } = await openAs('alan@example.com')
    await expect.poll(() => isDrawnAt(page, 360, 340)).toBe(true)
    await page.mouse.move(360, 340)
    await page.mouse.down()
    await page.mouse.move(660, 540, { steps: 8 })
    await expect.poll(() => isDrawnAt(page, 660, 540)).toBe(true)
    const others = () => board.presence.others.map(({ user, cursor }) => [user.name, cursor])
    await expect
      .poll(others)
      .toEqual([['Alan', expect.objectContaining({ x: expect.any(Number) })]])

    const ada = await remotely('ada@example.com')
    const alan = await remotely('alan@example.com')
    const { id } = await alan('GET', '/auth/me')
    await ada('PUT', `/boards/${boardId}/members/${id}`, { role: 'viewer' })
    await page.getByText('you cannot edit this board').waitFor()
    await page.mouse.up()
    await expect.poll(() => isDrawnAt(page, 660, 540)).toBe(false)
    expect(await isDrawnAt(page, 360, 340)).toBe(true)
    expect(elements()).toMatchObject([{ x: 300, y: 300 }])
  })

  test('keeps what two people type into one text at a time', async ({
    openAs,
    elements,
    board,
  }) => {
    const text = {
      id: 'text',
      type: 'text',
      x: 300,
      y: 300,
      width: 200,
      height: 25,
      text: 'middle',
    }
    board.edit((doc) => writeElements(doc, [{ ...text, originalText: 'middle', fontSize: 20 }]))
    const ada = await openAs('ada@example.com')
    const alan = await openAs('alan@example.com')
    for (const [{ page }, key, words] of [
      [ada, 'Control+Home', 'start '],
      [alan, 'Control+End', ' end'],
    ] as const) {
      await expect.poll(() => isDrawnAt(page, 310, 312)).toBe(true)
      await page.mouse.dblclick(310, 312)
      await page.locator('textarea.excalidraw-wysiwyg').waitFor()
      await page.keyboard.press(key)
      await page.keyboard.type(words)
    }
    for (const { page } of [ada, alan]) await page.keyboard.press('Escape')
    await expect.poll(() => elements()[0]?.originalText).toBe('start middle end')
  })
})
