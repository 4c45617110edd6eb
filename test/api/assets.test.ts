import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, type SignedIn } from '@mindfuse/testing'
import { expect } from 'vitest'
import { filePath, newPicture, type TestFile, upload } from '../support/files.ts'
import { test as base } from '../support/fixtures.ts'
import { addMember } from '../support/people.ts'

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
  .extend('storedAs', ({ stored }) => async ({ digest }: TestFile) => {
    return (await stored()).filter((path) => path.includes(digest))
  })
  /** Expects that nothing is left of a file that was refused. */
  .extend('expectNothingOf', ({ stack, stored }) => async (file: TestFile, before: string[]) => {
    await eventually('no bytes are left', async () => (await stored()).length === before.length)
    const rows = await stack.database.query(
      `SELECT 1 FROM assets WHERE digest = $1 UNION ALL SELECT 1 FROM board_assets WHERE digest = $1`,
      [Buffer.from(file.digest, 'hex')],
    )
    expect(rows).toEqual([])
  })

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
