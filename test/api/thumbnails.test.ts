import type { SignedIn } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { openEvents } from '../support/event-stream.ts'
import { fileOf, newPicture, setThumbnail } from '../support/files.ts'
import { test as base } from '../support/fixtures.ts'
import { createLink, openAsGuest } from '../support/guests.ts'

const KIB = 1024
const LINKED = 'https://img.example/1.png'
const pathOf = (boardId: string) => `/api/boards/${boardId}`

const test = base
  .extend(
    'set',
    { scope: 'file' },
    ({ stack }) =>
      (who: Pick<SignedIn, 'accessToken'>, boardId: string, bytes = newPicture().bytes) =>
        setThumbnail(stack, who, boardId, bytes),
  )
  .extend(
    'board',
    ({ cast }) =>
      () =>
        cast.newBoard(),
  )
  /** What a board says about itself. */
  .extend('read', ({ cast }) => async (boardId: string) => {
    return cast.call(cast.viewer, 'GET', pathOf(boardId))
  })
  .extend('urlOf', ({ read }) => async (boardId: string) => {
    return (await read(boardId)).body.thumbnailUrl as string | null
  })
  .extend(
    'get',
    { scope: 'file' },
    ({ stack }) =>
      (path: string | null, headers: Record<string, string> = {}) =>
        fetch(`${stack.apiUrl}${path}`, { headers }),
  )

const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer())
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as any).code]

describe('a thumbnail', () => {
  test('is at the address that lists, details and events have, for everybody who has that', async ({
    board,
    cast,
    get,
    set,
    stack,
    urlOf,
  }) => {
    const boardId = await board()
    const stream = await openEvents(stack.apiUrl, { token: cast.workspaceMember.accessToken })
    await stream.until('the list', ({ name }) => name === 'boards:initial')
    const { bytes, digest } = newPicture()
    expect((await set(cast.editor, boardId, bytes)).status).toBe(204)

    const url = await urlOf(boardId)
    expect(url).toMatch(new RegExp(`^${pathOf(boardId)}/thumbnail/${digest}\\?expires=`))
    const listPath = `/api/workspaces/${cast.workspaceId}/boards`
    const list = await cast.call(cast.workspaceMember, 'GET', listPath)
    expect(list.body.items.find(({ id }: any) => id === boardId).thumbnailUrl).toBe(url)
    const { data } = await stream.until('the update', ({ name }) => name === 'boards:update')
    expect(data.data).toMatchObject({ id: boardId, thumbnailUrl: url })
    stream.close()

    const answer = await get(url, { origin: 'https://elsewhere.example' })
    expect(answer.status).toBe(200)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': `${bytes.length}`,
      'cache-control': 'private, max-age=31536000, immutable',
      etag: `"${digest}"`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox'),
      'access-control-allow-origin': '*',
    })
    expect((await bytesOf(answer)).equals(bytes)).toBe(true)
    expect((await get(url, { 'if-none-match': `"${digest}"` })).status).toBe(304)
  })

  test('is sent to who reads the board with a token, unless they have it', async ({
    board,
    cast,
    get,
    set,
  }) => {
    const boardId = await board()
    const path = `${pathOf(boardId)}/thumbnail`
    const authorization = `Bearer ${cast.viewer.accessToken}`
    expect(await codeOf(await get(path, { authorization }))).toEqual([404, 'thumbnail_not_found'])
    const { bytes, digest } = newPicture()
    await set(cast.editor, boardId, bytes)
    const answer = await get(path, { authorization })
    expect((await bytesOf(answer)).equals(bytes)).toBe(true)
    expect(answer.headers.get('cache-control')).toBe('private, no-cache')
    const again = await get(path, { authorization, 'if-none-match': `"${digest}"` })
    expect(again.status).toBe(304)
  })

  test('is set by guests, app users and keys that edit', async ({
    board,
    cast,
    set,
    stack,
    urlOf,
  }) => {
    const boardId = await board()
    const keysPath = `/api/workspaces/${cast.workspaceId}/keys`
    const scopes = ['boards:write', 'tokens:create']
    const key = await cast.call(cast.workspaceOwner, 'POST', keysPath, { name: 'Robot', scopes })
    const robot = { ...cast.stranger, accessToken: key.body.key as string }
    const minted = await cast.call(robot, 'POST', '/api/auth/tokens', {
      user: { externalId: 'zoe', name: 'Zoë' },
      boards: { [boardId]: 'editor' },
    })
    const link = await createLink(stack, boardId, cast.owner, { role: 'editor' })
    const guest = await openAsGuest(stack, link.token, 'Guest')
    for (const who of [robot, minted.body as SignedIn, guest]) {
      const { bytes, digest } = newPicture()
      expect((await set(who, boardId, bytes)).status).toBe(204)
      expect(await urlOf(boardId)).toContain(digest)
    }
    const look = await createLink(stack, boardId, cast.owner, { role: 'viewer' })
    const onlooker = await openAsGuest(stack, look.token, 'Onlooker')
    expect((await set(onlooker, boardId)).status).toBe(403)
  })

  test.for([
    ['nothing', Buffer.alloc(0), 415, 'unsupported_file_type'],
    ['another picture', Buffer.from(`GIF89a${'\0'.repeat(40)}`), 415, 'unsupported_file_type'],
    [
      'a page',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
      415,
      'unsupported_file_type',
    ],
    ['one that is too large', newPicture(48 * KIB + 1).bytes, 413, 'payload_too_large'],
    ['one of too many pixels', wide(2_049), 422, 'too_many_pixels'],
  ] as const)('is not %s', async ([, bytes, status, code], { board, cast, set, urlOf }) => {
    const boardId = await board()
    expect(await codeOf(await set(cast.editor, boardId, bytes))).toEqual([status, code])
    expect(await urlOf(boardId)).toBeNull()
  })

  test('may be as large as it may be', async ({ board, cast, set }) => {
    const boardId = await board()
    expect((await set(cast.editor, boardId, newPicture(48 * KIB).bytes)).status).toBe(204)
    expect((await set(cast.editor, boardId, wide(2_048))).status).toBe(204)
  })
})

describe('an address', () => {
  test('leads to the newest thumbnail, and to none of another board', async ({
    board,
    cast,
    get,
    set,
    urlOf,
  }) => {
    const [boardId, otherId] = [await board(), await board()]
    await set(cast.editor, boardId)
    await set(cast.editor, otherId)
    const url = (await urlOf(boardId))!
    const { bytes } = newPicture()
    await set(cast.editor, boardId, bytes)
    const answer = await get(url)
    expect((await bytesOf(answer)).equals(bytes)).toBe(true)
    expect(answer.headers.get('cache-control')).toBe('private, no-cache')

    const later = url.replace(/expires=(\d+)/, (_, time) => `expires=${Number(time) + 1}`)
    for (const forged of [
      url.replace(boardId, otherId),
      url.replace(/thumbnail\/[0-9a-f]{64}/, `thumbnail/${'a'.repeat(64)}`),
      later,
      `${url}A`,
    ]) {
      expect(await codeOf(await get(forged)), forged).toEqual([403, 'address_invalid'])
    }
  })

  test('works in the trash, and ends with the board', async ({ board, cast, get, set, urlOf }) => {
    const boardId = await board()
    await set(cast.editor, boardId)
    const url = await urlOf(boardId)
    await cast.call(cast.owner, 'DELETE', pathOf(boardId))
    const trashPath = `/api/workspaces/${cast.workspaceId}/trash`
    const { body } = await cast.call(cast.workspaceOwner, 'GET', trashPath)
    const trashed = body.items.find(({ id }: any) => id === boardId)
    expect((await get(trashed.thumbnailUrl)).status).toBe(200)
    const deleted = await cast.call(cast.owner, 'DELETE', `${pathOf(boardId)}/permanently`)
    expect(deleted.status).toBe(204)
    expect(await codeOf(await get(url))).toEqual([404, 'thumbnail_not_found'])
  })
})

describe('of what was set', () => {
  test('the last counts, an address of elsewhere or a thumbnail', async ({
    board,
    cast,
    get,
    set,
    urlOf,
  }) => {
    const boardId = await board()
    const patch = (thumbnailUrl: string | null) =>
      cast.call(cast.editor, 'PATCH', pathOf(boardId), { thumbnailUrl })
    await patch(LINKED)
    await set(cast.editor, boardId)
    const url = await urlOf(boardId)
    expect(url).toMatch(/^\/api\//)
    expect((await patch(LINKED)).body.thumbnailUrl).toBe(LINKED)
    expect((await get(url)).status).toBe(404)
    await set(cast.editor, boardId)
    expect((await patch(null)).body.thumbnailUrl).toBeNull()
    expect((await cast.call(cast.editor, 'PATCH', pathOf(boardId), { name: 'B' })).status).toBe(200)
    await set(cast.editor, boardId)
    await cast.call(cast.editor, 'PATCH', pathOf(boardId), { name: 'C' })
    expect(await urlOf(boardId)).toMatch(/^\/api\//)
  })

  test('nothing is left once it is deleted', async ({ board, cast, set, urlOf }) => {
    const boardId = await board()
    const remove = () => cast.call(cast.editor, 'DELETE', `${pathOf(boardId)}/thumbnail`)
    expect((await remove()).status).toBe(204)
    await cast.call(cast.editor, 'PATCH', pathOf(boardId), { thumbnailUrl: LINKED })
    await set(cast.editor, boardId)
    expect((await remove()).status).toBe(204)
    expect(await urlOf(boardId)).toBeNull()
    await cast.call(cast.editor, 'PATCH', pathOf(boardId), { thumbnailUrl: LINKED })
    await remove()
    expect(await urlOf(boardId)).toBeNull()
  })
})

describe('setting a thumbnail', () => {
  test('changes neither the version of the board nor when it was changed, and is not audited', async ({
    board,
    cast,
    read,
    set,
  }) => {
    const boardId = await board()
    await cast.call(cast.editor, 'PATCH', pathOf(boardId), { thumbnailUrl: LINKED })
    const before = await read(boardId)
    const audited = await cast.audit(boardId)
    await set(cast.editor, boardId)
    const after = await read(boardId)
    expect(after.body.updatedAt).toBe(before.body.updatedAt)
    expect(await cast.audit(boardId)).toEqual(audited)
    const known = before.headers.get('etag')!
    const rename = (name: string, etag: string) =>
      cast.call(cast.editor, 'PATCH', pathOf(boardId), { name }, { 'if-match': etag })
    expect((await rename('B', known)).status).toBe(200)
    expect((await rename('C', known)).status).toBe(412)
  })

  test('makes another answer of the board, as its ETag says', async ({
    board,
    cast,
    read,
    set,
  }) => {
    const boardId = await board()
    const readAgain = async (etag: string | null) =>
      cast.call(cast.viewer, 'GET', pathOf(boardId), undefined, { 'if-none-match': `${etag}` })
    const bare = (await read(boardId)).headers.get('etag')
    expect((await readAgain(bare)).status).toBe(304)
    await set(cast.editor, boardId)
    const pictured = await readAgain(bare)
    expect(pictured.status).toBe(200)
    expect((await readAgain(pictured.headers.get('etag'))).status).toBe(304)
  })

  test('is an event once a minute, and none where it is the same', async ({
    board,
    cast,
    set,
    stack,
  }) => {
    const boardId = await board()
    const events = async () => (await cast.events(boardId)).map(({ type }) => type)
    const { bytes } = newPicture()
    const expected = ['board.created', 'board.updated']
    for (const picture of [bytes, bytes, newPicture().bytes, newPicture().bytes]) {
      expect((await set(cast.editor, boardId, picture)).status).toBe(204)
      expect(await events()).toEqual(expected)
    }
    const aMinuteLater = () =>
      stack.database.query(
        `UPDATE board_thumbnails SET announced_at = announced_at - interval '61 s'
         WHERE board_id = $1`,
        [boardId],
      )
    await aMinuteLater()
    await set(cast.editor, boardId, bytes)
    expect(await events()).toEqual([...expected, 'board.updated'])
    await aMinuteLater()
    await set(cast.editor, boardId, bytes)
    expect(await events()).toEqual([...expected, 'board.updated'])
  })

  test('goes on while many set it at once: one of them is left', async ({
    board,
    cast,
    get,
    set,
    urlOf,
  }) => {
    const boardId = await board()
    const pictures = Array.from({ length: 12 }, () => newPicture(8 * KIB))
    const answers = await Promise.all(pictures.map(({ bytes }) => set(cast.editor, boardId, bytes)))
    expect(answers.map(({ status }) => status)).toEqual(pictures.map(() => 204))
    const left = fileOf(await bytesOf(await get(await urlOf(boardId))))
    expect(pictures.map(({ digest }) => digest)).toContain(left.digest)
    expect(await cast.events(boardId)).toHaveLength(2)
  })
})

test('a copy has the thumbnail, and keeps it where the original gets another', async ({
  board,
  cast,
  get,
  set,
  urlOf,
}) => {
  const boardId = await board()
  const { bytes, digest } = newPicture()
  await set(cast.editor, boardId, bytes)
  const path = `${pathOf(boardId)}/duplicate`
  const copy = (await cast.call(cast.workspaceMember, 'POST', path, {})).body
  expect(copy.thumbnailUrl).toContain(`/boards/${copy.id}/thumbnail/${digest}`)
  await set(cast.editor, boardId)
  expect(await urlOf(boardId)).not.toContain(digest)
  expect((await bytesOf(await get(copy.thumbnailUrl))).equals(bytes)).toBe(true)
})

/** A picture that says it is so wide. */
function wide(pixels: number): Buffer {
  const { bytes } = newPicture()
  bytes.writeUInt32BE(pixels, 16)
  return bytes
}
