import { readdir, rm, truncate } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { eventually, type SignedIn } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { fileOf, filePath, newPicture, type TestFile, upload } from '../support/files.ts'
import { test as base } from '../support/fixtures.ts'
import { createLink, openAsGuest } from '../support/guests.ts'
import { addMember } from '../support/people.ts'
import type { Stack } from '../support/stack.ts'

const MIB = 1024 * 1024

const test = base
  .extend(
    'stackOptions',
    { scope: 'file' },
    {
      quotaLimits: {
        assetBytesPerFile: 2 * MIB,
        assetBytesPerBoard: 6 * MIB,
        assetBytesPerWorkspace: 8 * MIB,
        assetBytesPerPerson: 20 * MIB,
      },
    },
  )
  /** A board in a workspace of its own, with people on it. */
  .extend('board', async ({ cast, stack }) => {
    const create = async (path: string) =>
      (await cast.call(cast.workspaceOwner, 'POST', path, { name: 'Files' })).body.id as string
    const workspaceId = await create('/api/workspaces')
    const id = await create(`/api/workspaces/${workspaceId}/boards`)
    for (const role of ['editor', 'commenter', 'viewer'] as const) {
      await addMember(stack, id, cast[role], role)
    }
    return { id, workspaceId }
  })
  .extend(
    'get',
    { scope: 'file' },
    ({ stack }) =>
      (who: SignedIn | undefined, path: string, init: RequestInit = {}) =>
        fetch(`${stack.apiUrl}${path}`, {
          ...init,
          headers: { ...(who && { authorization: `Bearer ${who.accessToken}` }), ...init.headers },
        }),
  )
  /** Names of all files in the directory of the store. */
  .extend('stored', { scope: 'file' }, ({ stack }) => async () => {
    const entries = await readdir(stack.assetsDir, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
  })
  .extend('storedAs', { scope: 'file' }, ({ stored }) => async ({ digest }: TestFile) => {
    return (await stored()).filter((path) => path.includes(digest))
  })
  .extend('rowsOf', { scope: 'file' }, ({ stack }) => async ({ digest }: TestFile) => {
    const [rows] = await stack.database.query(
      `SELECT (SELECT count(*)::int FROM assets WHERE digest = $1) AS assets,
        (SELECT count(*)::int FROM board_assets WHERE digest = $1) AS boards`,
      [Buffer.from(digest, 'hex')],
    )
    return rows
  })
  /** Expects that nothing is left of a file, and of no other that was being received. */
  .extend('expectNothingOf', { scope: 'file' }, ({ stored, rowsOf }) => async (file: TestFile) => {
    await eventually('no bytes are left', async () => {
      const paths = await stored()
      return paths.every((path) => !path.includes(file.digest) && !path.includes('/incoming/'))
    })
    expect(await rowsOf(file)).toEqual({ assets: 0, boards: 0 })
  })

/** Sends the start of an upload, and the rest once it is told to. */
function startUpload(
  { apiUrl }: Stack,
  who: SignedIn,
  boardId: string,
  { file, sent, length }: { file: TestFile; sent: number; length?: number },
) {
  const put = request(`${apiUrl}${filePath(boardId, file)}`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${who.accessToken}`,
      ...(length !== undefined && { 'content-length': length }),
    },
  })
  const answer = new Promise<{ status: number; code?: string }>((resolve, reject) => {
    put.on('error', reject)
    put.on('response', async (response) => {
      const text = await response.setEncoding('utf8').reduce((all, part) => all + part, '')
      resolve({ status: response.statusCode ?? 0, code: JSON.parse(text).code })
    })
  })
  put.write(file.bytes.subarray(0, sent))
  return { answer, finish: () => put.end(file.bytes.subarray(sent)), cut: () => put.destroy() }
}

const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as any).code]

test('a file is there for all who may read the board, and is the same', async ({
  board,
  cast,
  get,
  stack,
}) => {
  const file = newPicture(MIB)
  const added = await upload(stack, cast.editor, board.id, file)
  expect(added.status).toBe(201)
  expect(await added.json()).toEqual({
    digest: file.digest,
    bytes: file.bytes.length,
    contentType: 'image/png',
  })
  const again = await upload(stack, cast.editor, board.id, file)
  expect(again.status).toBe(200)
  for (const who of [cast.viewer, cast.commenter, cast.editor, cast.workspaceOwner]) {
    const answer = await get(who, filePath(board.id, file))
    expect(answer.status).toBe(200)
    expect(Buffer.from(await answer.arrayBuffer()).equals(file.bytes)).toBe(true)
    const head = await get(who, filePath(board.id, file), { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, `${file.bytes.length}`])
  }
})

test('guests, app users and keys upload and read as their role and scope allow', async ({
  board,
  cast,
  get,
  stack,
}) => {
  const owner = cast.workspaceOwner
  const guestWith = async (role: string) =>
    openAsGuest(stack, (await createLink(stack, board.id, owner, { role })).token, 'Guest')
  const keyWith = async (scope: string) => {
    const path = `/api/workspaces/${board.workspaceId}/keys`
    const { body } = await cast.call(owner, 'POST', path, { name: 'Robot', scopes: [scope] })
    return { ...owner, accessToken: body.key as string }
  }
  const [drawing, looking] = [await guestWith('editor'), await guestWith('viewer')]
  const [writing, reading] = [await keyWith('boards:write'), await keyWith('boards:read')]
  for (const who of [drawing, writing]) {
    const file = newPicture()
    expect((await upload(stack, who, board.id, file)).status).toBe(201)
    for (const reader of [looking, reading]) {
      expect((await get(reader, filePath(board.id, file))).status).toBe(200)
      const refused = await get(reader, filePath(board.id, file), { method: 'DELETE' })
      expect(refused.status).toBe(403)
    }
    const removed = await get(who, filePath(board.id, file), { method: 'DELETE' })
    expect(removed.status).toBe(204)
    expect((await get(looking, filePath(board.id, file))).status).toBe(404)
  }
  for (const who of [looking, reading, cast.viewer, cast.commenter]) {
    expect((await upload(stack, who, board.id, newPicture())).status).toBe(403)
  }
})

describe('a file that is refused leaves nothing:', () => {
  test.for([
    ['HTML', '<!doctype html><script>alert(1)</script>', 415],
    ['HTML with an SVG in it', '<html><svg xmlns="http://www.w3.org/2000/svg"/></html>', 415],
    ['SVG that defines entities', '<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', 415],
    ['text', 'hello', 415],
    ['nothing', '', 415],
    ['a ZIP', 'PK\x03\x04 and so on', 415],
  ] as const)('%s', async ([_, text, status], { board, cast, stack, expectNothingOf }) => {
    const file = fileOf(text)
    const headers = { 'content-type': 'image/png' }
    const answer = await upload(stack, cast.editor, board.id, file, { headers })
    expect(await codeOf(answer)).toEqual([status, 'unsupported_file_type'])
    await expectNothingOf(file)
  })

  test('one whose bytes are others than its digest says', async ({
    board,
    cast,
    stack,
    expectNothingOf,
  }) => {
    const file = { ...newPicture(MIB), digest: newPicture().digest }
    const answer = await upload(stack, cast.editor, board.id, file)
    expect(await codeOf(answer)).toEqual([422, 'digest_mismatch'])
    await expectNothingOf(file)
  })

  test('one that is too large, before it is received', async ({
    board,
    cast,
    stack,
    expectNothingOf,
  }) => {
    const file = newPicture(MIB)
    const options = { file, sent: 1_000, length: 2 * MIB + 1 }
    const sending = startUpload(stack, cast.editor, board.id, options)
    expect(await sending.answer).toEqual({ status: 413, code: 'file_too_large' })
    sending.cut()
    await expectNothingOf(file)
  })

  test('one that is too large and does not say so', async ({
    board,
    cast,
    stack,
    expectNothingOf,
  }) => {
    const file = newPicture(4 * MIB)
    const sending = startUpload(stack, cast.editor, board.id, { file, sent: 3 * MIB })
    expect(await sending.answer).toEqual({ status: 413, code: 'file_too_large' })
    sending.cut()
    await expectNothingOf(file)
  })

  test('one of a type that is not taken, before all of it is there', async ({
    board,
    cast,
    stack,
    expectNothingOf,
  }) => {
    const file = fileOf(Buffer.alloc(MIB, 'x'))
    const options = { file, sent: 100_000, length: MIB }
    const sending = startUpload(stack, cast.editor, board.id, options)
    expect(await sending.answer).toEqual({ status: 415, code: 'unsupported_file_type' })
    sending.cut()
    await expectNothingOf(file)
  })

  test('one that is cut', async ({ board, cast, stack, stored, expectNothingOf }) => {
    const file = newPicture(MIB)
    const options = { file, sent: MIB / 2, length: file.bytes.length }
    const sending = startUpload(stack, cast.editor, board.id, options)
    await eventually('it arrives', async () =>
      (await stored()).some((path) => path.includes('/incoming/')),
    )
    sending.cut()
    await expect(sending.answer).rejects.toThrow()
    await expectNothingOf(file)
  })

  test('one of somebody who is removed while they send it', async ({
    board,
    cast,
    stack,
    stored,
    expectNothingOf,
  }) => {
    const file = newPicture(MIB)
    const options = { file, sent: MIB / 2, length: file.bytes.length }
    const sending = startUpload(stack, cast.editor, board.id, options)
    await eventually('it arrives', async () =>
      (await stored()).some((path) => path.includes('/incoming/')),
    )
    const path = `/api/boards/${board.id}/members/${cast.editor.user.id}`
    expect((await cast.call(cast.workspaceOwner, 'DELETE', path)).status).toBe(204)
    sending.finish()
    expect(await sending.answer).toEqual({ status: 404, code: 'board_not_found' })
    await expectNothingOf(file)
  })
})

describe('quotas', () => {
  test('of a board: as many as fit are taken, however many come at once', async ({
    board,
    cast,
    get,
    stack,
    stored,
    expectNothingOf,
  }) => {
    const files = Array.from({ length: 6 }, () => newPicture(2 * MIB - 100))
    const answers = await Promise.all(
      files.map((file) => upload(stack, cast.editor, board.id, file)),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3)
    for (const [i, answer] of answers.entries()) {
      if (answer.status === 201) continue
      expect(await answer.json()).toMatchObject({
        ...{ status: 409, code: 'quota_exceeded' },
        details: { quota: 'assetBytes', scope: 'board', limit: 6 * MIB },
        detail: expect.stringContaining('This board has used all of its space for files (6 MiB)'),
      })
      await expectNothingOf(files[i]!)
    }
    const kept = (await stored()).filter((path) => files.some((f) => path.includes(f.digest)))
    expect(kept).toHaveLength(3)

    const details = await (await get(cast.viewer, `/api/boards/${board.id}/document`)).json()
    expect(details).toMatchObject({
      assets: { used: 3, limit: 10_000, maxBytes: 6 * MIB, maxBytesPerFile: 2 * MIB },
    })
  })

  test('of a workspace: the same file on two boards counts once', async ({
    board,
    cast,
    get,
    stack,
  }) => {
    const owner = cast.workspaceOwner
    const path = `/api/workspaces/${board.workspaceId}/boards`
    const other = (await cast.call(owner, 'POST', path, { name: 'Other' })).body.id
    const files = Array.from({ length: 3 }, () => newPicture(2 * MIB - 100))
    for (const boardId of [board.id, other]) {
      for (const file of files) {
        expect((await upload(stack, owner, boardId, file)).status).toBe(201)
      }
    }
    const third = (await cast.call(owner, 'POST', path, { name: 'Third' })).body.id
    expect((await upload(stack, owner, third, newPicture(2 * MIB - 100))).status).toBe(201)
    const refused = await upload(stack, owner, third, newPicture(2 * MIB - 100))
    expect(await refused.json()).toMatchObject({
      details: { quota: 'assetBytes', scope: 'workspace', limit: 8 * MIB },
    })
    const usage = await (await get(owner, `/api/workspaces/${board.workspaceId}/usage`)).json()
    expect(usage).toMatchObject({
      assetBytes: { used: expect.any(Number), limit: 8 * MIB },
      assetBytesPerBoard: { limit: 6 * MIB },
      assetBytesPerFile: { limit: 2 * MIB },
    })
    expect((usage as any).assetBytes.used).toBeLessThan(8 * MIB)
    // One that another board has is refused as any other: nobody learns that it is there.
    const known = await upload(stack, owner, third, files[0]!)
    expect(await known.json()).toMatchObject({
      details: { quota: 'assetBytes', scope: 'workspace', used: 10 * MIB - 500 },
    })
  })

  test('of a workspace: what is copied into it has to fit, as it may be left with the files', async ({
    cast,
    stack,
  }) => {
    const owner = cast.stranger
    const create = async (path: string) =>
      (await cast.call(owner, 'POST', path, { name: 'Other' })).body.id as string
    const [from, to] = [await create('/api/workspaces'), await create('/api/workspaces')]
    const board = await create(`/api/workspaces/${from}/boards`)
    const other = await create(`/api/workspaces/${to}/boards`)
    for (const boardId of [board, board, other]) {
      expect((await upload(stack, owner, boardId, newPicture(2 * MIB - 100))).status).toBe(201)
    }
    const copy = (workspaceId: string) =>
      cast.call(owner, 'POST', `/api/boards/${board}/duplicate`, { workspaceId })
    expect((await copy(to)).status).toBe(201)
    expect((await upload(stack, owner, board, newPicture(2 * MIB - 100))).status).toBe(201)
    expect((await upload(stack, owner, other, newPicture(MIB))).status).toBe(201)
    expect(await copy(to)).toMatchObject({
      status: 409,
      body: { details: { quota: 'assetBytes', scope: 'workspace', limit: 8 * MIB } },
    })
    expect((await copy(from)).status).toBe(201)
  })

  test('of a workspace that has one of its own', async ({
    administrator,
    as,
    board,
    cast,
    stack,
  }) => {
    const path = `/api/admin/workspaces/${board.workspaceId}/quota`
    const body = { maxAssetBytes: MIB }
    expect((await as(administrator, path, { method: 'PUT', body })).status).toBe(200)
    const refused = await upload(stack, cast.editor, board.id, newPicture(MIB + 1))
    expect(await refused.json()).toMatchObject({
      details: { quota: 'assetBytes', scope: 'workspace', limit: MIB },
    })
  })
})

describe('nobody learns of a file that is not on their board:', () => {
  test('a board does not have what another has, whoever asks', async ({
    board,
    cast,
    get,
    stack,
  }) => {
    const owner = cast.workspaceOwner
    const path = `/api/workspaces/${board.workspaceId}/boards`
    const other = (await cast.call(owner, 'POST', path, { name: 'Other' })).body.id
    const file = newPicture()
    await upload(stack, owner, board.id, file)
    for (const method of ['GET', 'HEAD', 'DELETE']) {
      expect((await get(cast.stranger, filePath(board.id, file), { method })).status).toBe(404)
      expect((await get(owner, filePath(other, file), { method })).status).toBe(404)
    }
    const urls = `/api/boards/${other}/assets/urls`
    const { body } = await cast.call(owner, 'POST', urls, { digests: [file.digest] })
    expect(body.urls).toEqual({})
    const claimed = { ...newPicture(), digest: file.digest }
    expect((await upload(stack, owner, other, claimed)).status).toBe(422)
    expect((await get(owner, filePath(other, file))).status).toBe(404)
    expect((await upload(stack, owner, other, file)).status).toBe(201)
  })
})

describe('two at once:', () => {
  test('uploads of one file to one board end as one', async ({
    board,
    cast,
    stack,
    rowsOf,
    storedAs,
  }) => {
    const file = newPicture(MIB)
    const answers = await Promise.all(
      [cast.editor, cast.workspaceOwner, cast.editor, cast.workspaceOwner].map((who) =>
        upload(stack, who, board.id, file),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201])
    expect(await rowsOf(file)).toEqual({ assets: 1, boards: 1 })
    await eventually('one is left', async () => (await storedAs(file)).length === 1)
  })

  test('uploads to boards of one workspace are stored once, of two workspaces twice', async ({
    board,
    cast,
    stack,
    rowsOf,
    storedAs,
  }) => {
    const owner = cast.workspaceOwner
    const create = async (workspaceId: string) =>
      (await cast.call(owner, 'POST', `/api/workspaces/${workspaceId}/boards`, { name: 'Other' }))
        .body.id as string
    const near = await create(board.workspaceId)
    const far = await create(cast.workspaceId)
    const file = newPicture(MIB)
    const answers = await Promise.all(
      [board.id, near, far].map((boardId) => upload(stack, owner, boardId, file)),
    )
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    expect(await rowsOf(file)).toEqual({ assets: 2, boards: 3 })
    await eventually('two are left', async () => (await storedAs(file)).length === 2)
  })

  test('an upload and a removal leave the file readable, or gone', async ({
    board,
    cast,
    get,
    stack,
  }) => {
    const path = (file: TestFile) => filePath(board.id, file)
    for (let i = 0; i < 10; i++) {
      const file = newPicture(10_000)
      await upload(stack, cast.editor, board.id, file)
      const [removed, added] = await Promise.all([
        get(cast.editor, path(file), { method: 'DELETE' }),
        upload(stack, cast.editor, board.id, file),
      ])
      expect(removed.status).toBe(204)
      expect([200, 201]).toContain(added.status)
      const read = await get(cast.viewer, path(file))
      const expected = added.status === 201 ? [200] : [200, 404]
      expect(expected).toContain(read.status)
      if (read.status === 404) expect((await codeOf(read))[1]).toBe('asset_not_found')
      else expect(Buffer.from(await read.arrayBuffer()).equals(file.bytes)).toBe(true)
    }
  })
})

describe('answers', () => {
  test('are what HTTP has for caches and parts', async ({ board, cast, get, stack }) => {
    const file = newPicture(10_000)
    await upload(stack, cast.editor, board.id, file)
    const etag = `"${file.digest}"`
    const read = (headers: Record<string, string>) =>
      get(cast.viewer, filePath(board.id, file), { headers })
    const whole = await read({})
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      etag,
      'accept-ranges': 'bytes',
      'cache-control': 'private, max-age=31536000, immutable',
      'content-type': 'image/png',
      'content-disposition': `inline; filename="${file.digest}.png"`,
      'content-security-policy': expect.stringMatching(/^sandbox; default-src 'none'/),
      'x-content-type-options': 'nosniff',
      vary: expect.stringContaining('authorization'),
    })
    const known = await read({ 'if-none-match': etag })
    expect([known.status, await known.text(), known.headers.get('etag')]).toEqual([304, '', etag])

    const part = await read({ range: 'bytes=10-19' })
    expect([part.status, part.headers.get('content-range')]).toEqual([
      206,
      `bytes 10-19/${file.bytes.length}`,
    ])
    const bytes = Buffer.from(await part.arrayBuffer())
    expect(bytes.equals(file.bytes.subarray(10, 20))).toBe(true)
    const since = await read({ range: 'bytes=10-19', 'if-range': etag })
    expect(since.status).toBe(206)
    const other = await read({ range: 'bytes=10-19', 'if-range': '"other"' })
    expect(other.status).toBe(200)
    const beyond = await read({ range: `bytes=${file.bytes.length}-` })
    expect(await codeOf(beyond)).toEqual([416, 'range_not_satisfiable'])
    expect(beyond.headers.get('content-range')).toBe(`bytes */${file.bytes.length}`)
    expect(beyond.headers.get('cache-control')).toBe('no-store')
  })

  test.for([
    ['<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', 'image/svg+xml'],
    ['%PDF-1.7 and so on', 'application/pdf'],
  ])(
    'are no document to open for what may have scripts: %s',
    async ([text, type], { board, cast, get, stack }) => {
      const file = fileOf(text!)
      expect((await upload(stack, cast.editor, board.id, file)).status).toBe(201)
      const { headers } = await get(cast.viewer, filePath(board.id, file))
      expect(headers.get('content-type')).toBe(type)
      expect(headers.get('content-disposition')).toMatch(/^attachment; /)
      expect(headers.get('content-security-policy')).toMatch(/^sandbox; /)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    },
  )
})

describe('signed addresses', () => {
  test('need no token, are for pages of any origin, and for one file alone', async ({
    board,
    cast,
    get,
    stack,
  }) => {
    const [file, other] = [newPicture(), newPicture()]
    await upload(stack, cast.editor, board.id, file)
    await upload(stack, cast.editor, board.id, other)
    const sign = () =>
      cast.call(cast.viewer, 'POST', `/api/boards/${board.id}/assets/urls`, {
        digests: [file.digest, newPicture().digest],
      })
    const { body } = await sign()
    expect(Object.keys(body.urls)).toEqual([file.digest])
    const left = Date.parse(body.expiresAt) - Date.now()
    expect(left).toBeGreaterThan(7.4 * 60_000)
    expect(left).toBeLessThanOrEqual(15 * 60_000)
    const url: string = body.urls[file.digest]
    const headers = { origin: 'https://elsewhere.example' }
    const answer = await get(undefined, url, { headers })
    expect(answer.status).toBe(200)
    expect(Buffer.from(await answer.arrayBuffer()).equals(file.bytes)).toBe(true)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'cache-control': 'private, max-age=31536000, immutable',
    })
    expect(answer.headers.has('access-control-allow-credentials')).toBe(false)
    const part = await get(undefined, url, { headers: { range: 'bytes=0-1' } })
    expect(part.status).toBe(206)

    const tampered = [
      url.replace(file.digest, other.digest),
      url.replace(/expires=(\d+)/, (_, time) => `expires=${Number(time) + 1}`),
      url.replace(/signature=./, (start) => `signature=${start.endsWith('A') ? 'B' : 'A'}`),
      url.replace(/signature=.*/, 'signature='),
    ]
    for (const wrong of tampered) {
      const refused = await get(undefined, wrong, { headers })
      expect(refused.headers.get('access-control-allow-origin')).toBe('*')
      expect(await codeOf(refused)).toEqual([403, 'address_invalid'])
    }
    await cast.call(cast.workspaceOwner, 'DELETE', `/api/boards/${board.id}`)
    expect((await get(undefined, url)).status).toBe(404)
    await cast.call(cast.workspaceOwner, 'POST', `/api/boards/${board.id}/restore`)
    expect((await get(undefined, url)).status).toBe(200)
    await get(cast.editor, filePath(board.id, file), { method: 'DELETE' })
    expect((await get(undefined, url)).status).toBe(404)
  })
})

describe('what the store has lost', () => {
  test('is a 404 until somebody uploads it again, for all boards', async ({
    board,
    cast,
    get,
    stack,
    storedAs,
  }) => {
    const owner = cast.workspaceOwner
    const path = `/api/workspaces/${board.workspaceId}/boards`
    const other = (await cast.call(owner, 'POST', path, { name: 'Other' })).body.id
    const file = newPicture(10_000)
    await upload(stack, owner, board.id, file)
    await upload(stack, owner, other, file)
    await eventually('one is left', async () => (await storedAs(file)).length === 1)
    const [stored] = await storedAs(file)
    await rm(stored!)
    const read = await get(cast.viewer, filePath(board.id, file))
    expect(await codeOf(read)).toEqual([404, 'asset_lost'])
    expect(read.headers.get('cache-control')).toBe('no-store')
    const asked = await get(cast.editor, filePath(board.id, file), { method: 'HEAD' })
    expect(asked.status).toBe(404)
    expect((await upload(stack, cast.editor, board.id, file)).status).toBe(200)
    for (const boardId of [board.id, other]) {
      const again = await get(owner, filePath(boardId, file))
      expect(Buffer.from(await again.arrayBuffer()).equals(file.bytes)).toBe(true)
    }
    expect(await storedAs(file)).toHaveLength(1)
    const metrics = await (await fetch(`${stack.apiUrl}/metrics`)).text()
    expect(metrics).toMatch(/^asset_lost_total 2$/m)
  })
})

test.for([-1, 1])(
  'an answer is broken, or none, where the store has %i bytes more',
  async (more, { board, cast, get, stack, storedAs }) => {
    const file = newPicture(10_000)
    await upload(stack, cast.editor, board.id, file)
    const [stored] = await storedAs(file)
    await truncate(stored!, file.bytes.length + more)
    const answer = await get(cast.viewer, filePath(board.id, file))
    const isWhole = async () => {
      await answer.arrayBuffer()
      return answer.ok
    }
    expect(await isWhole().catch(() => false)).toBe(false)
  },
)

test('changes of files are in the audit log, and uploads in the metrics', async ({
  board,
  cast,
  get,
  stack,
}) => {
  const file = newPicture()
  await upload(stack, cast.editor, board.id, file)
  await get(cast.workspaceOwner, filePath(board.id, file), { method: 'DELETE' })
  const path = `/api/workspaces/${board.workspaceId}/audit?limit=2`
  const { body } = await cast.call(cast.workspaceOwner, 'GET', path)
  const { digest } = file
  expect(body.items).toMatchObject([
    { action: 'asset.removed', actorId: cast.workspaceOwner.user.id, changes: { digest } },
    {
      ...{ action: 'asset.added', actorId: cast.editor.user.id, targetType: 'asset' },
      changes: { digest, bytes: file.bytes.length, contentType: 'image/png' },
    },
  ])
  const metrics = await (await fetch(`${stack.apiUrl}/metrics`)).text()
  expect(metrics).toMatch(/^asset_uploads_total\{outcome="added"\} [1-9]/m)
  expect(metrics).toMatch(/^asset_store_seconds_count\{operation="put"\} [1-9]/m)
})
