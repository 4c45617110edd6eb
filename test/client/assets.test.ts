import { createHash, randomBytes } from 'node:crypto'
import {
  type Asset,
  type Board,
  type Client,
  excalidrawFiles,
  tldrawAssets,
} from '@mindfuse/client'
import { callApi, eventually, type SignedIn, startTcpProxy, type TcpProxy } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { createLink, openAsGuest } from '../support/guests.ts'
import { addMember } from '../support/people.ts'
import { createIndexedDb, createLocks, draw, type SdkOptions, shapesOf } from '../support/sdk.ts'
import { addressOf, test as base } from '../support/sdk-fixtures.ts'

/** How soon a file is seen after it has arrived, milliseconds: what was measured, and the rest for a busy machine. */
const AT_ONCE_MS = 2_000 + 3_000

const PNG = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

/** A picture to the API, which decodes nothing. */
function pictureOf(bytes = 10_000): Blob {
  return new Blob([PNG, randomBytes(bytes - PNG.length)], { type: 'image/png' })
}

const bytesOf = async (file: Blob) => Buffer.from(await file.arrayBuffer())
const digestOf = async (file: Blob) =>
  createHash('sha256')
    .update(await bytesOf(file))
    .digest('hex')

/** Fetches an address as an `<img>` would, without a token. */
async function load(url: string): Promise<Buffer> {
  const response = await fetch(url)
  expect(response.status).toBe(200)
  return bytesOf(await response.blob())
}

function refusalsOf(board: Board) {
  const codes: string[] = []
  board.assets.on('refused', ({ error }) => codes.push(error.code))
  return codes
}

const test = base
  /** Between the clients and the API, and between them and the gateway. */
  .extend('apiLine', async ({ stack, atEnd }): Promise<TcpProxy> => {
    const proxy = await startTcpProxy(stack.apiUrl)
    atEnd(() => proxy.stop())
    return proxy
  })
  .extend('line', ({ startProxy }) => startProxy())
  .extend('address', ({ stack, apiLine, line }) => ({
    ...addressOf(stack, line),
    apiUrl: `http://localhost:${apiLine.port}`,
  }))
  .extend('indexedDB', ({ task: _ }) => createIndexedDb())
  /** A tab of a person's browser. */
  .extend('openTab', ({ ada, boardId, connect, indexedDB }) => {
    const locks = createLocks()
    return (person: SignedIn = ada, options: SdkOptions = {}): Board =>
      connect(person, {
        userId: person.user.id,
        ...options,
        environment: { indexedDB, locks, ...options.environment },
      }).board(boardId)
  })
  /** Closes every tab, as the browser does. */
  .extend(
    'closeTabs',
    ({ sdkClients }) =>
      () =>
        Promise.all(sdkClients.splice(0).map((client: Client) => client.close())),
  )
  /** Counts the files that were sent. */
  .extend('sentFiles', ({ stack, boardId }) => async () => {
    const text = 'SELECT count(*)::int FROM board_assets WHERE board_id = $1'
    return (await stack.database.query(text, [boardId]))[0].count as number
  })

describe('a file', () => {
  test('is uploaded, and read by others as it was', async ({ hers, his }) => {
    const picture = pictureOf()
    const progress: number[][] = []
    const asset = await hers.assets.upload(picture, {
      onProgress: (...step) => progress.push(step),
    })
    expect(asset).toEqual({
      digest: await digestOf(picture),
      bytes: 10_000,
      type: 'image/png',
    })
    expect(progress.at(0)).toEqual([0, 10_000])
    expect(progress.at(-1)).toEqual([10_000, 10_000])
    expect(hers.assets.pending).toEqual([])
    const read = await his.assets.get(asset.digest)
    expect(read.type).toBe('image/png')
    expect(await bytesOf(read)).toEqual(await bytesOf(picture))
    expect(await load(await his.assets.url(asset.digest))).toEqual(await bytesOf(picture))
  })

  test('is unsaved work until the server has it', async ({ hers, apiLine }) => {
    apiLine.stall()
    const saved: boolean[] = []
    hers.on('saved', (isSaved) => saved.push(isSaved))
    const { digest } = await hers.assets.add(pictureOf())
    expect(hers.saved).toBe(false)
    expect(hers.assets.pending.map((asset) => asset.digest)).toEqual([digest])
    apiLine.pass()
    await hers.whenSaved()
    expect(hers.assets.pending).toEqual([])
    expect(saved).toEqual([false, true])
  })

  test('has an address of the page at once, where it was added', async ({ hers, apiLine }) => {
    apiLine.stall()
    const picture = pictureOf()
    const { digest } = await hers.assets.add(picture)
    const url = await hers.assets.url(digest)
    expect(url).toMatch(/^blob:/)
    expect(await load(url)).toEqual(await bytesOf(picture))
    apiLine.pass()
    await hers.whenSaved()
    expect(await hers.assets.url(digest)).toBe(url)
    await hers.close()
    await expect(fetch(url)).rejects.toThrow()
  })

  test('that is still on its way is waited for', async ({ hers, his, apiLine, sdkClients }) => {
    expect(sdkClients.length).toBe(2)
    const picture = pictureOf()
    const digest = await digestOf(picture)
    const waits = [his.assets.url(digest), his.assets.get(digest)]
    let isThere = false
    for (const wait of waits) void wait.then(() => (isThere = true))
    apiLine.slow(300)
    await new Promise<void>((resolve) => setTimeout(resolve, 1_500))
    apiLine.pass()
    expect(isThere).toBe(false)
    await hers.assets.upload(picture)
    const arrivedAt = performance.now()
    await Promise.all(waits)
    expect(performance.now() - arrivedAt).toBeLessThan(AT_ONCE_MS)
  })

  test('is waited for no longer than one likes', async ({ his }) => {
    const digest = await digestOf(pictureOf())
    const signal = AbortSignal.timeout(100)
    await expect(his.assets.url(digest, { signal })).rejects.toMatchObject({ name: 'TimeoutError' })
    const waits = his.assets.get(digest)
    const rejection = expect(waits).rejects.toMatchObject({ code: 'closed' })
    await his.close()
    await rejection
  })

  test('that the board has is not sent again', async ({ hers, open, alan }) => {
    const asked: string[] = []
    const his = await open(alan, {
      environment: {
        fetch: (url, init) => {
          if (`${url}`.includes('/assets/')) asked.push(`${init?.method}`)
          return alan.browser.fetch(`${url}`, init)
        },
      },
    })
    const picture = pictureOf()
    await his.assets.upload(pictureOf())
    expect(asked.splice(0)).toEqual(['POST', 'PUT'])
    await hers.assets.upload(picture)
    await his.assets.upload(picture)
    expect(asked).toEqual(['POST', 'HEAD'])
  })

  test('of a type that is not taken is refused', async ({ hers }) => {
    const refusals = refusalsOf(hers)
    const page = new Blob(['<html>', 'x'.repeat(100_000)], { type: 'text/html' })
    await expect(hers.assets.upload(page)).rejects.toMatchObject({
      code: 'unsupported_file_type',
      status: 415,
    })
    expect(refusals).toEqual(['unsupported_file_type'])
    expect(hers.saved).toBe(true)
  })

  test('that is too large is refused, at once where it is known how large one may be', async ({
    open,
    connect,
    ada,
    boardId,
    line,
  }) => {
    const limit = 25 * 1024 * 1024
    const picture = pictureOf(limit + 1)
    const refusal = { code: 'file_too_large', details: { limit } }
    line.refuse()
    const offline = connect(ada).board(boardId)
    const upload = offline.assets.upload(picture)
    const rejection = expect(upload).rejects.toMatchObject({ ...refusal, status: 413 })
    line.pass()
    offline.connect()
    await rejection

    const hers = await eventually('the gateway knows the limit', async () => {
      const board = await open(ada)
      return board.assets.maxBytes === undefined ? undefined : board
    })
    expect(hers.assets.maxBytes).toBe(limit)
    await expect(hers.assets.add(picture)).rejects.toMatchObject({ ...refusal, status: 0 })
    expect(hers.saved).toBe(true)
  })
})

describe('an upload', () => {
  test('can be aborted, and leaves nothing', async ({ hers, apiLine, sentFiles }) => {
    await hers.assets.upload(pictureOf())
    apiLine.limit(1_000_000)
    const abort = new AbortController()
    const upload = hers.assets.upload(pictureOf(5_000_000), { signal: abort.signal })
    const rejection = expect(upload).rejects.toThrow('changed her mind')
    await eventually('it is under way', () => hers.assets.pending.length === 1)
    abort.abort(new Error('changed her mind'))
    await rejection
    expect(hers.assets.pending).toEqual([])
    expect(hers.saved).toBe(true)
    expect(await sentFiles()).toBe(1)
  })

  test('survives that its connection is cut again and again', async ({
    open,
    ada,
    his,
    apiLine,
  }) => {
    // Without long delays between the attempts.
    const hers = await open(ada, { environment: { random: () => 0.05 } })
    const pictures = Array.from({ length: 6 }, () => pictureOf(2_000_000))
    apiLine.limit(8_000_000)
    let cuts = 0
    const timer = setInterval(() => {
      if (cuts++ < 8) apiLine.cut()
      else apiLine.limit(Number.POSITIVE_INFINITY)
    }, 250)
    const assets = await Promise.all(pictures.map((picture) => hers.assets.upload(picture)))
    clearInterval(timer)
    expect(cuts).toBeGreaterThan(1)
    for (const { digest } of assets) {
      expect(await digestOf(await his.assets.get(digest))).toBe(digest)
    }
  })

  test('that the API was away for is done when it is back', async ({ hers, apiLine }) => {
    apiLine.refuse()
    const uploads = [1, 2, 3].map(() => hers.assets.upload(pictureOf()))
    await eventually('they wait', () => hers.assets.pending.length === 3)
    apiLine.pass()
    await Promise.all(uploads)
  })
})

describe('offline', () => {
  test('files are kept over a reload, and sent once the board is online', async ({
    openTab,
    closeTabs,
    line,
    apiLine,
    open,
    alan,
  }) => {
    await openTab().whenSynced()
    await closeTabs()
    line.refuse()
    apiLine.refuse()
    const before = openTab()
    const picture = pictureOf()
    const { digest } = await before.assets.add(picture)
    draw(before, 'picture', { digest })
    await closeTabs()

    const after = openTab()
    expect(after.saved).toBe(false)
    await eventually('the file is still there', () => after.assets.pending.length === 1)
    expect(await bytesOf(await after.assets.get(digest))).toEqual(await bytesOf(picture))
    expect(await load(await after.assets.url(digest))).toEqual(await bytesOf(picture))
    apiLine.pass()
    line.pass()
    after.connect()
    await after.whenSaved()
    expect(after.assets.pending).toEqual([])
    const his = await open(alan)
    await eventually('he sees the shape', () => shapesOf(his).picture)
    expect(await bytesOf(await his.assets.get(digest))).toEqual(await bytesOf(picture))
  })

  test('a file that was seen is there after a reload, and one that was added', async ({
    openTab,
    closeTabs,
    line,
    apiLine,
    his,
  }) => {
    const [seen, added] = [pictureOf(), pictureOf()]
    const { digest } = await his.assets.upload(seen)
    const before = openTab()
    await before.assets.get(digest)
    const mine = await before.assets.upload(added)
    await closeTabs()
    line.refuse()
    apiLine.refuse()
    const after = openTab()
    expect(await bytesOf(await after.assets.get(digest))).toEqual(await bytesOf(seen))
    expect(await bytesOf(await after.assets.get(mine.digest))).toEqual(await bytesOf(added))
    await eventually('nothing waits', () => after.saved)
  })

  test('of two tabs with the same files each is sent once', async ({ openTab, line, ada }) => {
    const puts: string[] = []
    const environment: SdkOptions['environment'] = {
      fetch: (url, init) => {
        if (init?.method === 'PUT') puts.push(`${url}`.split('/').at(-1) ?? '')
        return ada.browser.fetch(`${url}`, init)
      },
    }
    line.refuse()
    const [one, two] = [openTab(ada, { environment }), openTab(ada, { environment })]
    const added: Asset[] = []
    for (let i = 0; i < 5; i++) {
      for (const tab of [one, two]) added.push(await tab.assets.add(pictureOf()))
    }
    line.pass()
    for (const tab of [one, two]) tab.connect()
    await Promise.all([one, two].map((tab) => tab.whenSaved()))
    expect(puts.sort()).toEqual(added.map(({ digest }) => digest).sort())
  })

  test('a tab that comes back sends what a closed one had kept', async ({ openTab, line }) => {
    const [closing, staying] = [openTab(), openTab()]
    await Promise.all([closing.whenSynced(), staying.whenSynced()])
    line.refuse()
    await eventually('both are offline', () =>
      [closing, staying].every((tab) => tab.status.kind === 'offline'),
    )
    const { digest } = await closing.assets.add(pictureOf())
    await closing.close()
    line.pass()
    staying.connect()
    const uploaded = new Promise<Asset>((resolve) => staying.assets.on('uploaded', resolve))
    expect((await uploaded).digest).toBe(digest)
    await staying.whenSaved()
  })

  test('nothing of it is anybody else’s, and signing out forgets it', async ({
    openTab,
    line,
    sdkClients,
    indexedDB,
    ada,
    alan,
  }) => {
    line.refuse()
    const hers = openTab()
    await hers.assets.add(pictureOf())
    const his = openTab(alan)
    await eventually('his store was read', () => his.saved)
    expect(his.assets.pending).toEqual([])
    await sdkClients[0]?.forget()
    const names: string[] = (await indexedDB.databases()).map((base: { name: string }) => base.name)
    expect(names.filter((name) => name.includes(ada.user.id))).toEqual([])
    expect(names.length).toBeGreaterThan(0)
  })

  test('forgetting a board forgets its files', async ({ openTab, line, closeTabs }) => {
    line.refuse()
    const before = openTab()
    await before.assets.add(pictureOf())
    await before.forget()
    await closeTabs()
    const after = openTab()
    await eventually('its store was read', () => after.saved)
    expect(after.assets.pending).toEqual([])
  })
})

describe('access', () => {
  test('a guest who may draw adds files, and sees those of others', async ({
    stack,
    boardId,
    ada,
    connect,
    hers,
  }) => {
    const { token } = await createLink(stack, boardId, ada)
    const guest = connect(await openAsGuest(stack, token, 'Grace')).board(boardId)
    const [theirs, mine] = [pictureOf(), pictureOf()]
    const { digest } = await guest.assets.upload(theirs)
    expect(await bytesOf(await hers.assets.get(digest))).toEqual(await bytesOf(theirs))
    const { digest: other } = await hers.assets.upload(mine)
    expect(await load(await guest.assets.url(other))).toEqual(await bytesOf(mine))
  })

  test('a viewer sees files, and adds none', async ({ stack, boardId, ada, connect, hers }) => {
    const { token } = await createLink(stack, boardId, ada, { role: 'viewer' })
    const viewer = connect(await openAsGuest(stack, token, 'Grace')).board(boardId)
    await viewer.whenSynced()
    await expect(viewer.assets.add(pictureOf())).rejects.toMatchObject({ code: 'read_only' })
    const { digest } = await hers.assets.upload(pictureOf())
    expect((await viewer.assets.get(digest)).size).toBe(10_000)
  })

  test('who becomes a viewer meanwhile keeps no files to send, and is told', async ({
    stack,
    boardId,
    ada,
    alan,
    openTab,
    apiLine,
  }) => {
    const his = openTab(alan)
    await his.whenSynced()
    const refusals = refusalsOf(his)
    apiLine.stall()
    const upload = his.assets.upload(pictureOf())
    const rejection = expect(upload).rejects.toMatchObject({ code: 'read_only' })
    await eventually('it waits', () => his.assets.pending.length === 1)
    const path = `${stack.apiUrl}/api/boards/${boardId}/members/${alan.user.id}`
    await callApi(path, { token: ada.accessToken, method: 'PUT', body: { role: 'viewer' } })
    await rejection
    expect(refusals).toEqual(['read_only'])
    expect(his.saved).toBe(true)
  })

  test('who was made a viewer while a file was kept is told when they are back', async ({
    stack,
    boardId,
    ada,
    alan,
    openTab,
    closeTabs,
    line,
  }) => {
    line.refuse()
    await openTab(alan).assets.add(pictureOf())
    await closeTabs()
    const path = `${stack.apiUrl}/api/boards/${boardId}/members/${alan.user.id}`
    await callApi(path, { token: ada.accessToken, method: 'PUT', body: { role: 'viewer' } })
    line.pass()
    const his = openTab(alan)
    const refusals = refusalsOf(his)
    await his.whenSynced()
    await his.whenSaved()
    expect(refusals).toEqual(['read_only'])
    await closeTabs()
    const again = openTab(alan)
    await again.whenSaved()
    expect(again.assets.pending).toEqual([])
  })

  test('who is removed keeps them, as the edits, for when they are back', async ({
    stack,
    boardId,
    ada,
    alan,
    openTab,
    closeTabs,
    apiLine,
  }) => {
    const his = openTab(alan)
    await his.whenSynced()
    apiLine.stall()
    const upload = his.assets.upload(pictureOf())
    const rejection = expect(upload).rejects.toMatchObject({ code: 'access_removed' })
    await eventually('it waits', () => his.assets.pending.length === 1)
    const path = `${stack.apiUrl}/api/boards/${boardId}/members/${alan.user.id}`
    await callApi(path, { token: ada.accessToken, method: 'DELETE' })
    await rejection
    expect(his.assets.pending.length).toBe(1)
    await closeTabs()

    await addMember(stack, boardId, alan, 'editor')
    apiLine.pass()
    const again = openTab(alan)
    const uploaded = new Promise<Asset>((resolve) => again.assets.on('uploaded', resolve))
    expect((await uploaded).bytes).toBe(10_000)
  })

  test('discarding the edits discards the files', async ({ hers, apiLine }) => {
    const refusals = refusalsOf(hers)
    apiLine.stall()
    await hers.assets.add(pictureOf())
    hers.discard()
    expect(hers.assets.pending).toEqual([])
    expect(refusals).toEqual(['discarded'])
  })
})

describe('an editor', () => {
  const gif = () => new Blob(['GIF89a'], { type: 'image/gif' })
  const GIF_URL = 'data:image/gif;base64,R0lGODlh'

  test('Excalidraw: pictures have their digests as ids, and arrive at others as data URLs', async ({
    hers,
    his,
  }) => {
    const fileId = await excalidrawFiles(hers).generateIdForFile(gif())
    expect(fileId).toBe(await digestOf(gif()))
    const files: Record<string, unknown>[] = []
    const api = { getFiles: () => ({}), addFiles: (added: any[]) => void files.push(...added) }
    const elements = [
      { type: 'image', fileId },
      { type: 'image', fileId: 'of another program' },
      { type: 'rectangle' },
    ]
    const theirs = excalidrawFiles(his)
    for (let change = 0; change < 3; change++) theirs.load(elements, api)
    await eventually('it is there', () => files.length > 0)
    expect(files).toEqual([
      { id: fileId, dataURL: GIF_URL, mimeType: 'image/gif', created: expect.any(Number) },
    ])
    theirs.load(elements, { ...api, getFiles: () => ({ [fileId]: files[0] }) })
    const picture = { id: 'sha-1', dataURL: GIF_URL, mimeType: 'image/gif', created: 5 }
    expect(await theirs.adopt(picture)).toEqual({ ...picture, id: fileId })
    expect(files.length).toBe(1)
  })

  test('Excalidraw: a large picture is the same as a data URL', async ({ hers, his }) => {
    const picture = pictureOf(3_000_001)
    const id = await excalidrawFiles(hers).generateIdForFile(picture)
    const file = await new Promise<{ dataURL: string }>((resolve) =>
      excalidrawFiles(his).load([{ type: 'image', fileId: id }], {
        getFiles: () => ({}),
        addFiles: ([added]) => added && resolve(added),
      }),
    )
    const base64 = (await bytesOf(picture)).toString('base64')
    expect(file.dataURL === `data:image/png;base64,${base64}`).toBe(true)
  })

  test('tldraw: sources are digests, offline too, and addresses for others', async ({
    hers,
    his,
    line,
    apiLine,
  }) => {
    const assets = tldrawAssets(hers)
    const { src } = await assets.upload({}, gif())
    expect(src).toBe(`asset:${await digestOf(gif())}`)
    const url = await tldrawAssets(his).resolve({ props: { src } })
    expect(await load(url ?? '')).toEqual(await bytesOf(gif()))
    for (const other of ['https://example.com/a.png', null]) {
      expect(await assets.resolve({ props: { src: other } })).toBe(other)
    }
    line.refuse()
    apiLine.refuse()
    await eventually('it is offline', () => hers.status.kind === 'offline')
    const kept = await assets.upload({}, pictureOf())
    expect(await assets.resolve({ props: kept })).toMatch(/^blob:/)
    expect(hers.assets.pending.length).toBe(1)
  })
})
