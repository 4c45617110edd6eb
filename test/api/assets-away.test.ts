import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openDirectoryStore } from '@mindfuse/api'
import { expect } from 'vitest'
import { filePath, newPicture, upload } from '../support/files.ts'
import { testWith } from '../support/fixtures.ts'

let apis = 0

/** Two APIs, of which the first has no store. */
const test = testWith({
  apis: 2,
  openAssets: async (dir) => (apis++ === 0 ? undefined : openDirectoryStore(dir)),
})

test('an API without a store has no files, and everything else', async ({
  ada,
  boardId,
  stack,
}) => {
  const [apiUrl = ''] = stack.apiUrls
  const headers = { authorization: `Bearer ${ada.accessToken}` }
  const file = newPicture()
  const path = `${apiUrl}${filePath(boardId, file)}`
  const answers = [
    await upload({ apiUrl }, ada, boardId, file),
    await fetch(path, { headers }),
    await fetch(path, { headers, method: 'DELETE' }),
  ]
  for (const answer of answers) {
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ code: 'assets_not_configured' })
  }
  expect((await fetch(`${apiUrl}/api/boards/${boardId}`, { headers })).status).toBe(200)
})

test('while the store cannot be written, uploads are to be tried again, and work afterwards', async ({
  ada,
  boardId,
  stack,
}) => {
  const [, apiUrl = ''] = stack.apiUrls
  const file = newPicture()
  const incoming = join(stack.assetsDir, 'incoming')
  await rename(incoming, `${incoming}.away`)
  await writeFile(incoming, '')
  const refused = await upload({ apiUrl }, ada, boardId, file)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await refused.json()).toMatchObject({ code: 'assets_unavailable' })
  await rm(incoming)
  await rename(`${incoming}.away`, incoming)
  expect((await upload({ apiUrl }, ada, boardId, file)).status).toBe(201)

  const objects = join(stack.assetsDir, 'objects')
  await rename(objects, `${objects}.away`)
  const other = newPicture()
  expect((await upload({ apiUrl }, ada, boardId, other)).status).toBe(503)
  await rename(`${objects}.away`, objects)
  expect((await upload({ apiUrl }, ada, boardId, other)).status).toBe(201)
  const metrics = await (await fetch(`${apiUrl}/metrics`)).text()
  expect(metrics).toMatch(/^asset_uploads_total\{outcome="failed"\} 2$/m)
  expect(metrics).toMatch(/^asset_store_failures_total\{operation="put"\} 1$/m)
})
