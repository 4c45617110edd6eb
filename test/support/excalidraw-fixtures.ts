import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { readScene, type SceneElement } from '@mindfuse/scene'
import { signIn } from '@mindfuse/testing'
import type { Page } from 'playwright-core'
import { buildPage } from './build-page.ts'
import { drag } from './drag.ts'
import { pickPort } from './ports.ts'
import { connectSdk } from './sdk.ts'
import { serveFiles } from './static-server.ts'
import { test as base } from './web-fixtures.ts'

const EXAMPLE = new URL('../../examples/react-excalidraw/', import.meta.url)

const of19 = (name: string) =>
  fileURLToPath(new URL(`../react-19/node_modules/${name}`, import.meta.url))

/** The first test waits for the build, milliseconds. */
export const EXAMPLE_TIMEOUT_MS = 300_000

/** A test of the example of `@mindfuse/excalidraw` in Chromium. */
export const test = base
  .extend('ports', { scope: 'file' }, async () => [await pickPort(), await pickPort()] as const)
  .extend('environment', { scope: 'file' }, ({ ports: [api, realtime] }) => ({
    API_PORT: `${api}`,
    REALTIME_PORT: `${realtime}`,
  }))
  .extend('reactRelease', { scope: 'file' }, 18)
  /** The built example. */
  .extend(
    'dist',
    { scope: 'file' },
    async ({ ports: [api, realtime], reactRelease }, { onCleanup }) => {
      const outDir = await buildPage(
        EXAMPLE,
        {
          VITE_API_URL: `http://localhost:${api}`,
          VITE_REALTIME_URL: `ws://localhost:${realtime}/ws`,
        },
        reactRelease === 19 ? { react: of19('react'), 'react-dom': of19('react-dom') } : {},
      )
      onCleanup(() => rm(outDir, { recursive: true }))
      return outDir
    },
  )
  /** Where pages may connect to. */
  .extend('sockets', { scope: 'file' }, ({ ports: [, realtime] }) => `ws://localhost:${realtime}`)
  /** Serves it with a content security policy as strict as Excalidraw allows. */
  .extend('pageUrl', { scope: 'file' }, async ({ dist, ports: [api], sockets }, { onCleanup }) => {
    const policy = `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';
      font-src 'self' data:; img-src 'self' data: blob:; worker-src 'self' blob:;
      connect-src 'self' http://localhost:${api} ${sockets}`
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

/** Draws or drags with a tool. */
export async function drawWith(
  page: Page,
  key: string,
  from: [number, number],
  to: [number, number],
) {
  // Excalidraw has the keyboard once it was clicked.
  await page.mouse.click(1_000, 650)
  await page.keyboard.press(key)
  await drag(page, from, to)
}

/** Whether there is anything drawn in a square around a point. */
export const isDrawnAt = (page: Page, x: number, y: number): Promise<boolean> =>
  // A string: this project has no DOM types.
  page.evaluate(`(() => {
    const canvas = document.querySelector('canvas.excalidraw__canvas.static')
    const scale = canvas.width / canvas.clientWidth
    const [left, top, size] = [${x} - 8, ${y} - 8, 16].map((value) => value * scale)
    const { data } = canvas.getContext('2d').getImageData(left, top, size, size)
    return data.some((value, i) => i % 4 < 3 && value < 200)
  })()`)

/** What is drawn over the canvas with lasers, as paths. */
export const trails = (page: Page): Promise<string[]> =>
  page.evaluate(`[...document.querySelectorAll('.SVGLayer path')]
    .map((path) => path.getAttribute('d') ?? '')
    .filter((path) => path !== '')`)
